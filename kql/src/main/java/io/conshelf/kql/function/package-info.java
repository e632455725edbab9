/// The catalogue of built-in functions, operators and aggregates, one declaration each.
///
/// # Adding a function
/// 1. Find the file of its family ([StringFunctions], [ArithmeticOperators], …) and add one expression to its list:
///
///    ```
///    scalar("strlen", NAME_AND_FIRST_ARGUMENT, "The number of characters of a text.",
///            takes(stringOrDynamic("source")).returns(LONG).sql("length({0})")),
///    ```
///
///    That is the name, the rule of the automatic column name, one line for completion and the reference page, then a
///    signature for each way to call it: what it takes, what it returns, how it runs. The words are in [Declare]; the
///    first signature that accepts the arguments is taken, so the special stands before the general.
/// 2. Say how it runs, in this order of preference:
///    - `sql(…)`: a DuckDB expression with the same meaning, or one that restores Kusto's; try it in DuckDB. Mind nulls (a
///      string is never null), overflow, division by zero, NaN, and the byte caps of what grows.
///    - `rewrite(…)`: another expression, chosen while binding; it sees which arguments are constants.
///    - a [Kernel]: a plain Java method on values, lifted to vectors by [Kernels], listed in the `ALL` of its family's
///      kernels and called in the template by its name. It costs twenty times as much a row as SQL.
///    - `columns(…)`: several columns at once, as `series_stats()` makes.
///    - `window(…)`, `intrinsic(…)`, `form(…)`: what needs neighbouring rows, the engine, or the binder.
///
///    DuckDB computes constant parts ahead even in branches that are not taken, and its `try` holds no subquery: an
///    expression must not fail on the way. What a constant argument can't be is a [BadArgument].
/// 3. Put a spec beside its family's in `engine/src/test/resources/spec/functions`, and write the page of functions anew
///    (`./conshelf test kql --complete`).
///
/// A new family is a new list, named in [Catalogue].
///
/// The test `CatalogueAgreesWithTheLanguageServiceTest` compares arity, types and column names with the recorded answers of
/// the official language service.
///
/// # Values in SQL
/// `datetime` and `timespan` are BIGINT ticks, `dynamic` is VARCHAR with JSON text whose form is [io.conshelf.kql.value.DynamicText]'s and
/// whose top-level null is SQL's NULL, `string` is VARCHAR and never NULL, `decimal` DECIMAL(38,17), `guid` UUID, `real`
/// DOUBLE, `bool`, `int` and `long` as one expects.
package io.conshelf.kql.function;
