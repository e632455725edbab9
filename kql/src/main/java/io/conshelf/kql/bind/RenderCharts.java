package io.conshelf.kql.bind;

import java.util.List;

/// The charts that `render` knows.
final class RenderCharts {
    static final List<String> ALL = List.of("table", "list", "barchart", "piechart", "ladderchart", "timechart",
            "linechart", "anomalychart", "pivotchart", "areachart", "stackedareachart", "scatterchart", "timepivot",
            "columnchart", "timeline", "card", "treemap", "3Dchart", "plotly", "graph");

    private RenderCharts() {}
}
