/// What the stores of Azure have in common: who asks for tokens, and what their clients' failures mean.
package io.conshelf.connectors.azure;
