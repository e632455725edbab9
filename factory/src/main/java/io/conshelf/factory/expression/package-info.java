/// The expression language of Data Factory.
///
/// 1. [Template] reads one string of a definition: a literal, `@expression`, or text with `@{expression}` in it. The grammar is
///    `ExpressionLexer.g4` and `ExpressionParser.g4`.
/// 2. [Expression] is the tree.
/// 3. [Checker] finds unknown functions, wrong numbers of arguments and impossible literals before anything runs.
/// 4. [Evaluator] computes a value; [Scope] is what an expression can see.
///
/// To add a function, write one declaration in the file of its family ([StringFunctions], [CollectionFunctions], [LogicalFunctions],
/// [ConversionFunctions], [MathFunctions], [DateFunctions], [RootFunctions]): name, parameters, result and evaluation stand together, and
/// [Functions] picks it up from the family's list.
package io.conshelf.factory.expression;
