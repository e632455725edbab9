package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Plan;

/// Whether the rows of a plan come in an order that window functions can rely on.
final class RowOrder {
    private RowOrder() {}

    static boolean isDefined(Plan plan) {
        return switch (plan) {
            case Plan.Sort _, Plan.Top _, Plan.Serialize _, Plan.Range _, Plan.Window _, Plan.StepScan _, Plan.Sessions _ -> true;
            case Plan.Filter filter -> isDefined(filter.input());
            case Plan.Project project -> isDefined(project.input());
            case Plan.Limit limit -> isDefined(limit.input());
            case Plan.Expand expand -> isDefined(expand.input());
            case Plan.Shared shared -> isDefined(shared.definition());
            case Plan.Scan _, Plan.Rows _, Plan.Supplied _, Plan.Aggregate _, Plan.MakeSeries _, Plan.Join _, Plan.Union _, Plan.Apply _,
                    Plan.ApplyInput _, Plan.Partition _, Plan.Walks _, Plan.Refused _ -> false;
        };
    }
}
