/// Storage accounts of somebody else, for what the cluster would keep in its own.
package io.conshelf.cli.account;
