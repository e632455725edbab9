/// What a query does, after its names and types are settled: [io.conshelf.kql.plan.Plan] for rows, [io.conshelf.kql.plan.Expr]
/// for values. Both are immutable and print themselves ([io.conshelf.kql.plan.Plan#text]), which is what plan specs compare.
package io.conshelf.kql.plan;
