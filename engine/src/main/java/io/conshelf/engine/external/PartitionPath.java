package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.ExternalTable.PathPart;
import io.conshelf.engine.store.ExternalTable.PeriodKind;
import io.conshelf.engine.store.ExternalTable.Rule;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The folders that the partitions of an external table make, to be written and read.
final class PartitionPath {
    /// What stands in place of a value that is missing, or that cannot be a folder's name.
    static final String DEFAULT = "__DEFAULT_PARTITION__";

    private static final Pattern NOT_A_FOLDER = Pattern.compile("[/\\\\\\p{Cntrl}\"*:<>?|#%]|^\\.+$|[. ]$|^.{201,}$");

    private static final int SHOWN_MAX = 100;
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}");

    private final List<Partition> partitions;
    private final List<PathPart> parts;
    private final Map<PathPart, MomentPattern> patterns = new LinkedHashMap<>();
    private final Pattern regex;

    PartitionPath(ExternalTable.Files files) {
        partitions = files.partitions();
        parts = files.path().isEmpty() ? defaultPath(partitions) : files.path();
        var text = new StringBuilder();
        for (PathPart part : parts) {
            text.append(switch (part) {
                case PathPart.Text(String literal) -> Pattern.quote(literal);
                case PathPart.Value(String name) when partition(name).type() == Type.DATETIME -> momentRegex(part, defaultPattern(partition(name)));
                case PathPart.Value(String name) when partition(name).type() == Type.LONG -> "(" + NUMBER + "|" + DEFAULT + ")";
                case PathPart.Value _ -> "([^/]+?)";
                case PathPart.Moment(_, String pattern) -> momentRegex(part, pattern);
            });
        }
        regex = Pattern.compile(text + (partitions.isEmpty() || text.toString().endsWith("/\\E") ? "" : "/") + ".*", Pattern.DOTALL);
    }

    private String momentRegex(PathPart part, String pattern) {
        var compiled = MomentPattern.of(pattern);
        patterns.put(part, compiled);
        return "(?:" + compiled.regex() + "|" + DEFAULT + ")";
    }

    private static List<PathPart> defaultPath(List<Partition> partitions) {
        var parts = new ArrayList<PathPart>();
        for (Partition partition : partitions) {
            if (!parts.isEmpty()) {
                parts.add(new PathPart.Text("/"));
            }
            parts.add(new PathPart.Value(partition.name()));
        }
        return parts;
    }

    /// How a moment's folders are named where no pattern is given.
    static String defaultPattern(Partition partition) {
        if (!(partition.rule() instanceof Rule.Period(_, PeriodKind kind, long bin))) {
            return "yyyy/MM/dd";
        }
        return switch (kind) {
            case YEAR -> "yyyy";
            case MONTH -> "yyyy/MM";
            case WEEK, DAY -> "yyyy/MM/dd";
            case BIN -> bin % Ticks.DAY == 0 ? "yyyy/MM/dd" : bin % Ticks.HOUR == 0 ? "yyyy/MM/dd/HH" : "yyyy/MM/dd/HH/mm";
        };
    }

    private Partition partition(String name) {
        return partitions.stream().filter(p -> p.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalStateException("the path names the partition '" + name + "', which is not declared"));
    }

    /// How long the moments of one folder may lie apart, at most: by the rule, and by what the folder's name tells.
    long width(Partition partition) {
        long written = parts.stream()
                .filter(part -> patterns.containsKey(part) && isOf(part, partition.name()))
                .mapToLong(part -> patterns.get(part).widthTicks())
                .min()
                .orElse(Ticks.SECOND);
        long ruled = switch (partition.rule()) {
            case Rule.Period(_, PeriodKind kind, long bin) -> switch (kind) {
                case BIN -> bin;
                case DAY -> Ticks.DAY;
                case WEEK -> 7 * Ticks.DAY;
                case MONTH -> 31 * Ticks.DAY;
                case YEAR -> 366 * Ticks.DAY;
            };
            case Rule.Virtual _, Rule.Value _, Rule.Hash _ -> 0;
        };
        return Math.min(Ticks.DATETIME_MAX, Math.max(written, ruled));
    }

    private static boolean isOf(PathPart part, String partition) {
        return switch (part) {
            case PathPart.Text _ -> false;
            case PathPart.Value(String name) -> name.equals(partition);
            case PathPart.Moment(String name, _) -> name.equals(partition);
        };
    }

    boolean isEmpty() {
        return partitions.isEmpty();
    }

    /// What the path of a file says: a `String`, or the ticks or number as a `Long`, by the partition's name. Missing where it
    /// says that there is no value; empty where the file lies elsewhere.
    Optional<Map<String, Object>> values(String path) {
        var match = regex.matcher(path);
        if (!match.matches()) {
            return Optional.empty();
        }
        Map<String, Object> values = new LinkedHashMap<>();
        Map<String, MomentPattern.Reading> moments = new LinkedHashMap<>();
        int group = 1;
        for (PathPart part : parts) {
            switch (part) {
                case PathPart.Text _ -> {
                    // only there to be matched
                }
                case PathPart.Value(String name) when !patterns.containsKey(part) -> {
                    String text = match.group(group++);
                    if (!text.equals(DEFAULT)) {
                        values.put(name, partition(name).type() == Type.LONG ? (Object) Long.valueOf(text) : text);
                    }
                }
                case PathPart.Value(String name) -> group = moment(name, part, match, group, moments);
                case PathPart.Moment(String name, _) -> group = moment(name, part, match, group, moments);
            }
        }
        moments.forEach((name, moment) -> moment.ticks().ifPresent(ticks -> values.put(name, ticks)));
        return Optional.of(values);
    }

    private int moment(
            String name, PathPart part, MatchResult match, int group, Map<String, MomentPattern.Reading> moments) {
        var pattern = patterns.get(part);
        if (pattern.groups() > 0 && match.group(group) != null) {
            pattern.read(match, group, moments.computeIfAbsent(name, _ -> new MomentPattern.Reading()));
        }
        return group + pattern.groups();
    }

    /// The folders of a partition's values, in the form of [#values].
    String of(Map<String, Object> values) {
        var path = new StringBuilder();
        for (PathPart part : parts) {
            switch (part) {
                case PathPart.Text(String text) -> path.append(text);
                case PathPart.Value(String name) -> path.append(folder(part, name, values.get(name)));
                case PathPart.Moment(String name, _) -> path.append(folder(part, name, values.get(name)));
            }
        }
        return path.toString();
    }

    private String folder(PathPart part, String name, Object value) {
        return switch (value) {
            case null -> DEFAULT;
            case Long ticks when patterns.containsKey(part) -> patterns.get(part).format(ticks);
            case Long number when isVirtual(name) && !NUMBER.matcher(number.toString()).matches() -> throw notAFolder(name, number.toString());
            case Long number -> number.toString();
            case String text when isVirtual(name) && !text.isEmpty() && (text.equals(DEFAULT) || NOT_A_FOLDER.matcher(text).find()) ->
                throw notAFolder(name, text);
            case String text when text.isEmpty() || NOT_A_FOLDER.matcher(text).find() -> DEFAULT;
            case String text -> text;
            default -> throw new IllegalStateException("a partition cannot have the value " + value);
        };
    }

    /// Whether only the path has the value: a folder of another name would lose it.
    private boolean isVirtual(String name) {
        return partition(name).rule() instanceof Rule.Virtual;
    }

    private static KustoException notAFolder(String name, String value) {
        return new KustoException(Errors.badRequest("the value '" + (value.length() > SHOWN_MAX ? value.substring(0, SHOWN_MAX) + "…" : value)
                + "' of the virtual column '" + name + "' cannot be the name of a folder, and nothing else would keep it: export other "
                + "values, or partition by a column of the table"));
    }
}
