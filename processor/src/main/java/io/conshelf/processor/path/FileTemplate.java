package io.conshelf.processor.path;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name of a file that a batch becomes, with `{{…}}` or `{{{…}}}` where the pipeline, the partition, the time and a number stand.
public record FileTemplate(String text) {
    public static final FileTemplate DEFAULT = new FileTemplate(
            "{{{instanceId}}}/{{{pipelineId}}}/{{{partitionId}}}/{{{YYYY}}}/{{{MM}}}/{{{DD}}}/{{{HH}}}/{{{mm}}}/{{{fileNumber}}}");

    /// All that a template names, in any order.
    public static final List<String> NAMES = List.of("instanceId", "pipelineId", "partitionId", "YYYY", "MM", "DD", "HH", "mm", "fileNumber");

    private static final Pattern PLACE = Pattern.compile("\\{\\{\\{\\s*([^{}\\s]*)\\s*}}}|\\{\\{\\s*([^{}\\s]*)\\s*}}");

    /// What stands for the names.
    ///
    /// @param fileNumber grows with each file
    public record Names(String instanceId, String pipelineId, int partitionId, Instant time, long fileNumber) {
        private String of(String name) {
            ZonedDateTime utc = time.atZone(ZoneOffset.UTC);
            return switch (name) {
                case "instanceId" -> instanceId;
                case "pipelineId" -> pipelineId;
                case "partitionId" -> String.valueOf(partitionId);
                case "fileNumber" -> String.valueOf(fileNumber);
                case "YYYY" -> String.format(Locale.ROOT, "%04d", utc.getYear());
                case "MM" -> String.format(Locale.ROOT, "%02d", utc.getMonthValue());
                case "DD" -> String.format(Locale.ROOT, "%02d", utc.getDayOfMonth());
                case "HH" -> String.format(Locale.ROOT, "%02d", utc.getHour());
                case "mm" -> String.format(Locale.ROOT, "%02d", utc.getMinute());
                default -> "";
            };
        }
    }

    /// The names in it, in their order.
    public List<String> names() {
        return PLACE.matcher(text).results().map(place -> place.group(1) == null ? place.group(2) : place.group(1)).toList();
    }

    public String file(Names names) {
        return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(names.of(place.group(1) == null ? place.group(2) : place.group(1))));
    }
}
