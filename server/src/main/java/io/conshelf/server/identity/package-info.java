/// Who gets in with `--auth entra`: applications and managed identities of this cluster, the token service that gives them tokens
/// in the forms of Microsoft Entra, and the check of the tokens that requests bring.
///
/// [Applications] knows whom there is, [TokenIssuer] signs and checks, [TokenRoutes] answers the forms of the protocol.
package io.conshelf.server.identity;
