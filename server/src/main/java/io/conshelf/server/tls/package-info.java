/// Serving https: with certificates that were given, or with those of an authority of this machine's own.
package io.conshelf.server.tls;
