/// From a syntax tree to a typed plan, with the service's diagnostics and column names. [Kql] is the door.
///
/// # The parts
/// - [Kql] binds a text against a [Catalog], which the engine implements, and answers [Bound]: a plan a result, errors, and
///   *refusals*: what is right but cannot be run yet, by name and place. Binding goes on behind a refusal where columns
///   are known, so a query is checked to its end.
/// - `Binder` is one binding: ids, diagnostics, and the parts below, which call each other through it.
/// - `Statements` declares names in a `Scope`; `Pipelines` walks operators and hands each to the file of its family
///   (`Projections`, `Summaries`, `Joins`, `Unions`, `Expansions`, `Parsing`, `Searches`, `Tops`, `SeriesMaking`,
///   `Partitions`, `Plugins`, `Graphs`).
/// - `Expressions` binds any expression to what it stands for, a `Meaning`: a scalar, rows, a function, a database …
/// - `Calls` chooses a signature from the [io.conshelf.kql.function.Catalogue]. A function that is documented but not built
///   has its types and names in `documented-signatures.txt`, and is refused.
/// - `UserFunctions` binds a body anew for each call; `Entities` finds tables and makes every reading of a variable a
///   copy with columns of its own (`PlanCopy`).
/// - `Messages` holds every text.
///
/// # Adding an operator
/// 1. Lower it to existing nodes of [io.conshelf.kql.plan.Plan] if at all possible; a new node needs the engine.
/// 2. Write it in the file of its family: rows in, rows out. After an error report it, and give back rows that are *open*
///    (`Rows.open`), so that no name behind it is called wrong.
/// 3. Add its case in `Pipelines`, its texts in `Messages`, and specs in `spec/bind`, `spec/messages`, `spec/plan`.
///
/// # Rules
/// Column ids are unique in a plan. A column that is passed on keeps its id. Aggregates and window functions inside
/// expressions become steps of their own (`Calculations`). No clock: `now()` is a constant of the request.
package io.conshelf.kql.bind;
