/// Secrets of Azure Key Vault through its official client: of a real vault that is listed, or of the vault of that name beside the embedded
/// cluster. [GivenSecrets] come before both.
package io.conshelf.connectors.vault;
