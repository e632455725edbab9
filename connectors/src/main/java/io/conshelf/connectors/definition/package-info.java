/// How definitions are read that are JSON: a [Located] value knows its file and path, a [Problem] is a mistake at such a place, [ArmTemplate] is
/// what Azure deploys, with its parameters and expressions evaluated. What the resources mean is the reader's.
package io.conshelf.connectors.definition;
