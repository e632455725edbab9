package io.conshelf.kql.function;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.kql.bind.KqlBindEval;
import io.conshelf.kql.spec.JsonLines;
import io.conshelf.kql.spec.SharedFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Asks the catalogue what the official language service was asked: each function with columns of each type it takes.
class CatalogueAgreesWithTheLanguageServiceTest {
    private static final String TABLE =
            "(i:int, l:long, r:real, d:decimal, s:string, b:bool, t:datetime, n:timespan, g:guid, j:dynamic)";

    /// Answers of the service that the engine contradicts, or that need what is not built yet: a probe's beginning and why.
    private static final Map<String, String> KNOWN_DIFFERENCES = Map.ofEntries(
            Map.entry("getyear(", "the engine answers long, on record"),
            Map.entry("getmonth(", "as monthofyear()"),
            Map.entry("monthofyear(", "the engine answers long, on record"),
            Map.entry("datetime_part(", "the engine answers long, on record"),
            Map.entry("datepart(", "the old name of datetime_part()"),
            Map.entry("countof(s, s", "the engine refuses to look for a column, on record"),
            Map.entry("pow(", "the engine names no column after its argument, on record"),
            Map.entry("exp10(", "the engine names no column after its argument, on record"),
            Map.entry("repeat(j", "the engine refuses a dynamic, on record"),
            Map.entry("around(", "the engine wants values that can be compared"),
            Map.entry("range(n, l", "a range needs ends of one type"),
            Map.entry("range(t, l", "a range needs ends of one type"),
            Map.entry("range(l, n", "a range needs ends of one type"),
            Map.entry("range(l, t", "a range needs ends of one type"),
            Map.entry("series_decompose_forecast(", "the engine makes one column, on record"),
            Map.entry("percentile(", "a percentage is a constant here"),
            Map.entry("percentiles(", "a percentage is a constant here"),
            Map.entry("percentilew(", "a percentage is a constant here"),
            Map.entry("percentilesw(", "a percentage is a constant here"),
            Map.entry("binary_all_and(", "only integers have bits"),
            Map.entry("binary_all_or(", "only integers have bits"),
            Map.entry("binary_all_xor(", "only integers have bits"),
            Map.entry("current_principal_is_member_of(", "principals are literals, by its page"),
            Map.entry("assert(", "its arguments are constants, by its page"),
            Map.entry("pack_array(*", "needs the columns of the input"),
            Map.entry("covariance", "the engine names both columns, on record for covariancepif()"));

    @Test
    void scalarFunctionsTakeAndGiveTheTypesOfTheService() throws IOException {
        Set<String> built = Catalogue.scalars().stream().map(ScalarFunction::name).collect(Collectors.toSet());
        assertThat(differences("reference/kql-functions.jsonl", built, "P | serialize | project ")).isEmpty();
    }

    @Test
    void aggregatesTakeAndGiveTheTypesOfTheService() throws IOException {
        Set<String> built = Catalogue.aggregates().stream().map(AggregateFunction::name).collect(Collectors.toSet());
        assertThat(differences("reference/kql-aggregates.jsonl", built, "P | summarize ")).isEmpty();
    }

    private static List<String> differences(String file, Set<String> built, String before) throws IOException {
        List<String> differences = new ArrayList<>();
        Path path = SharedFiles.require(file);
        for (JsonLines.Line line : JsonLines.read(path)) {
            if (!built.contains(line.text("name"))) {
                continue;
            }
            for (Object probe : line.field("probes").map(p -> (List<?>) p).orElse(List.of())) {
                check((List<?>) probe, before, differences);
            }
        }
        return differences;
    }

    private static void check(List<?> probe, String before, List<String> differences) throws IOException {
        String call = (String) probe.getFirst();
        if (KNOWN_DIFFERENCES.keySet().stream().anyMatch(call::startsWith)) {
            return;
        }
        String expected = probe.get(1) instanceof List<?> columns
                ? columns.toString()
                : List.of(List.of(probe.get(2), probe.get(1))).toString();
        String answer = ask(before + call);
        Path scratch = Files.createTempFile("answer", ".json");
        Files.writeString(scratch, answer);
        JsonLines.Line line = JsonLines.read(scratch).getFirst();
        Files.delete(scratch);
        String schema = line.field("schema").map(Object::toString).orElse("none");
        if (!schema.equals(expected)) {
            differences.add(call + ": " + expected + ", found " + schema + " " + line.fields().get("diagnostics"));
        }
    }

    private static String ask(String query) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("id", "probe");
            json.writeStringField("query", query);
            json.writeObjectFieldStart("database");
            json.writeObjectFieldStart("tables");
            json.writeStringField("P", TABLE);
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndObject();
        }
        return new KqlBindEval().evaluate(text.toString());
    }
}
