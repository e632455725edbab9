/// The text of KQL: from characters to a tree, and back.
///
/// [Syntax] is the tree: one record a construct, in one file. [Parser] reads a text into it and never fails: what is wrong
/// is a [Diagnostic] with a code, a message and a [Span], and the tree has a hole there. [Printer] writes a tree as text.
/// Nothing here knows tables, types of columns or functions; that is the binder's.
///
/// How a text is read, bottom up. Each reader extends the one above it in this list:
///
/// | reader | reads |
/// |---|---|
/// | `Lexer`, `StringForm`, `Keywords` | tokens; string literals; which words are reserved where |
/// | `TokenReader` | tokens in turn, lists, reports, the limits on depth and faults |
/// | `NameReader` | names in all their forms, wildcards, types, schemas |
/// | `LiteralReader`, `LiteralText` | literals and their values |
/// | `ParameterReader` | `name=value` of operators and of `with (...)` |
/// | `ExpressionReader` | operators by precedence, paths, named expressions |
/// | `SourceReader` | primary expressions: calls, names, tables written in the text |
/// | `OperatorReader` | operators on one input |
/// | `SubqueryReader`, `GraphReader` | operators with more inputs or subqueries; graphs |
/// | [Parser] | pipes, statements, functions; the public door |
///
/// **A reader never throws and always moves on.** It takes what is there and reports what is not, once for each place.
/// `expect` is for what must stand here; `starts` of a list's item says without reading whether one is there.
///
/// **Depth has a limit.** Nesting, and operators in a row that make the tree deeper, end with a diagnostic, so no walk over
/// a tree needs to fear for its stack. Long `and` and `or` chains are made into balanced trees.
///
/// To add an operator: a record in [Syntax], its name and a case in [Parser], a method that reads it, a case in [Printer]
/// (the compiler asks for it), and a case in `src/test/resources/spec/syntax/operators.spec`.
package io.conshelf.kql.syntax;
