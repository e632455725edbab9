/// Secrets, which definitions name and never hold.
package io.conshelf.processor.secret;
