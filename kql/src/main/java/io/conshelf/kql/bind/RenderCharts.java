package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import java.util.List;
import java.util.Map;

/// The charts that `render` knows, and what their properties may say. The columns they name are the client's to look for.
final class RenderCharts {
    static final List<String> ALL = List.of("table", "list", "barchart", "piechart", "ladderchart", "timechart",
            "linechart", "anomalychart", "pivotchart", "areachart", "stackedareachart", "scatterchart", "timepivot",
            "columnchart", "timeline", "card", "treemap", "3Dchart", "plotly", "graph");

    private static final List<String> SCALES = List.of("linear", "log");

    private static final Map<String, List<String>> WORDS = Map.of(
            "kind", List.of("default", "unstacked", "stacked", "stacked100", "map"),
            "legend", List.of("visible", "hidden"),
            "ysplit", List.of("none", "axes", "panels"),
            "xaxis", SCALES,
            "yaxis", SCALES);

    private RenderCharts() {}

    static void checkProperties(Binder binder, Syntax.Render op) {
        Parameters all = new Parameters(binder, "render", op.parameters());
        WORDS.forEach(all::word);
        for (OperatorParameter property : op.parameters()) {
            boolean fits = switch (property.name().text()) {
                case "title", "xtitle", "ytitle" -> !(property.value() instanceof Syntax.Literal literal)
                        || literal instanceof Syntax.StringLiteral || literal instanceof Syntax.DynamicLiteral;
                default -> true;
            };
            if (!fits) {
                binder.report(Messages.literalExpected(property.value().span(), "render", "string"));
            }
        }
        all.literalFlag("accumulate");
    }
}
