/// Plans as DuckDB SQL.
///
/// [PlanWriter] walks a plan from its end to its source and keeps one [Select] in hand: a SELECT being put together, with the
/// SQL of every column by the column's id. A step folds into it while SQL evaluates in the order Kusto does, and else gets
/// a level of its own, because every level of nesting costs planning time. What needs more than a clause has a file of its
/// own: [ScanSql], [RowsSql], [JoinSql], [UnionSql], [ExpandSql] (`mv-expand`, `mv-apply`), [PartitionSql], [AggregateSql] with
/// [CutLists] and [PackedBags], [MakeSeriesSql], [WindowSql], [SortSql]; `scan` is in [ScanProgramSql], or [StepScanSql] where it
/// needs more than a machine. [ExprWriter] renders expressions from the templates of the function catalogue.
///
/// # What must hold
/// - **No name of a user's is part of the text.** Columns are `c<id>`, other names are made here, constants are written by
///   [Literals] alone.
/// - **A column of a table is always qualified**, because storage's ids look like a plan's.
/// - **A column that costs something is not written twice** (`PlanWriter.unrepeated`), or text would grow with the power of the
///   number of steps.
/// - **Row order** is what [io.conshelf.kql.plan.Plan] says of it. DuckDB keeps it through filters, projections, `LIMIT` and
///   `unnest`, not through joins and aggregates; an aggregate that depends on it says so with `{order}` in its template.
///
/// # Adding an operator
/// Add its record to `Plan`; the compiler then names every switch to complete. Give it a case in [PlanWriter] (or a file),
/// and a spec in `engine/src/test/resources/spec/operators`.
package io.conshelf.engine.sql;
