package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.TabularOperator;

/// The names of operators as users write them.
final class OperatorNames {
    private OperatorNames() {}

    static String of(TabularOperator operator) {
        return switch (operator) {
            case Syntax.MissingOperator _ -> "";
            case Syntax.As _ -> "as";
            case Syntax.AssertSchema _ -> "assert-schema";
            case Syntax.Consume _ -> "consume";
            case Syntax.Count _ -> "count";
            case Syntax.Distinct _ -> "distinct";
            case Syntax.Evaluate _ -> "evaluate";
            case Syntax.ExecuteAndCache _ -> "__executeAndCache";
            case Syntax.Extend _ -> "extend";
            case Syntax.Facet _ -> "facet";
            case Syntax.Where _ -> "where";
            case Syntax.Find _ -> "find";
            case Syntax.Fork _ -> "fork";
            case Syntax.GetSchema _ -> "getschema";
            case Syntax.GraphMarkComponents _ -> "graph-mark-components";
            case Syntax.GraphMatch _ -> "graph-match";
            case Syntax.GraphShortestPaths _ -> "graph-shortest-paths";
            case Syntax.GraphToTable _ -> "graph-to-table";
            case Syntax.GraphWhereEdges _ -> "graph-where-edges";
            case Syntax.GraphWhereNodes _ -> "graph-where-nodes";
            case Syntax.Invoke _ -> "invoke";
            case Syntax.Join _ -> "join";
            case Syntax.Lookup _ -> "lookup";
            case Syntax.MacroExpand _ -> "macro-expand";
            case Syntax.MakeGraph _ -> "make-graph";
            case Syntax.MakeSeries _ -> "make-series";
            case Syntax.MvApply _ -> "mv-apply";
            case Syntax.MvExpand _ -> "mv-expand";
            case Syntax.Parse _ -> "parse";
            case Syntax.ParseWhere _ -> "parse-where";
            case Syntax.ParseKv _ -> "parse-kv";
            case Syntax.Partition _ -> "partition";
            case Syntax.PartitionBy _ -> "__partitionby";
            case Syntax.Print _ -> "print";
            case Syntax.Project _ -> "project";
            case Syntax.ProjectAway _ -> "project-away";
            case Syntax.ProjectByNames _ -> "project-by-names";
            case Syntax.ProjectKeep _ -> "project-keep";
            case Syntax.ProjectRename _ -> "project-rename";
            case Syntax.ProjectReorder _ -> "project-reorder";
            case Syntax.Range _ -> "range";
            case Syntax.Reduce _ -> "reduce";
            case Syntax.Render _ -> "render";
            case Syntax.Sample _ -> "sample";
            case Syntax.SampleDistinct _ -> "sample-distinct";
            case Syntax.Scan _ -> "scan";
            case Syntax.Search _ -> "search";
            case Syntax.Serialize _ -> "serialize";
            case Syntax.Sort _ -> "sort";
            case Syntax.Summarize _ -> "summarize";
            case Syntax.Take _ -> "take";
            case Syntax.Top _ -> "top";
            case Syntax.TopHitters _ -> "top-hitters";
            case Syntax.TopNested _ -> "top-nested";
            case Syntax.Union _ -> "union";
        };
    }
}
