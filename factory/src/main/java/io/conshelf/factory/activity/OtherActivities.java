package io.conshelf.factory.activity;

import io.conshelf.connectors.definition.Spelling;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Documented activities that do not run here. They are kept in definitions and refused, by name, before anything starts.
public final class OtherActivities {
    private static final String ELSEWHERE = "starts work in another service, which is not here; set its state to Inactive to run the rest";
    private static final Map<String, String> REASONS = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    static {
        for (String name : List.of("Custom", "DatabricksNotebook", "DatabricksSparkJar", "DatabricksSparkPython", "DatabricksJob", "SynapseNotebook",
                "SparkJob", "HDInsightHive", "HDInsightPig", "HDInsightMapReduce", "HDInsightSpark", "HDInsightStreaming", "DataLakeAnalyticsU-SQL",
                "AzureMLBatchExecution", "AzureMLExecutePipeline", "AzureMLUpdateResource", "ExecuteSSISPackage", "ExecuteWranglingDataflow",
                "AzureFunctionActivity", "AzureSynapseArtifacts", "MicrosoftFabricNotebook", "SqlPoolStoredProcedure")) {
            REASONS.put(name, ELSEWHERE);
        }
        REASONS.put("ExecuteDataFlow", "runs a data flow, which is not supported yet; set its state to Inactive to run the rest");
        REASONS.put("AzureFunctionActivity", "calls a function app, which is not here; a WebActivity can call any address that is listed under 'live'");
    }

    private OtherActivities() {}

    /// The type that a name which is none was meant to be.
    public static Optional<String> nearest(String type) {
        return Spelling.nearest(Stream.concat(ActivityTypes.all().stream().map(ActivityType::name), REASONS.keySet().stream()).toList(), type);
    }

    /// Why a documented type does not run; empty for a type that is not documented.
    public static Optional<String> reason(String type) {
        return Optional.ofNullable(REASONS.get(type));
    }
}
