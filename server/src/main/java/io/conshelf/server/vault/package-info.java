/// Vaults beside the cluster, with the interface of Azure Key Vault for secrets.
package io.conshelf.server.vault;
