/// The jq dialect of Data Processor's expressions: grammar (`JqParser.g4`), tree ([Jq]), and an evaluator of closures that hand their results on one by
/// one ([Filter]). A program is compiled once ([Program]) and run over each message within a [Budget].
///
/// Functions that need speed or have no other form are declared in [Builtins] and the families beside it; the others are written in jq, in `prelude.jq`.
package io.conshelf.processor.jq;
