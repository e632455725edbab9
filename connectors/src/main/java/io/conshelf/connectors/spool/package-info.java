/// Stores that can be read only once, from their beginning: what they give is kept in temporary files until the run has ended, so that its size
/// is known, and a cluster can read it as it is.
package io.conshelf.connectors.spool;
