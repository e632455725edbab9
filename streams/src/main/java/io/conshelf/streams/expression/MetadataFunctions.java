package io.conshelf.streams.expression;

import static io.conshelf.streams.expression.Parameter.INPUT;
import static io.conshelf.streams.expression.Parameter.TEXT;

import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.ArrayList;
import java.util.List;

/// What a store tells of an event beside its fields.
final class MetadataFunctions {
    static final List<Function> ALL = List.of(
            new Function("GetMetadataPropertyValue", List.of(INPUT, TEXT), 2, Function.Rest.NONE, Function.Nulls.GIVE_NULL, _ -> {
                Path lately = new Path();
                return arguments -> lately.of(arguments[0] instanceof Record event ? event.metadata() : Null.NULL, ((Text) arguments[1]).value());
            }));

    private MetadataFunctions() {}

    /// `EventId`, `[EventHub].[PartitionId]`, `IoTHub.EnqueuedTime`, `[User]`.
    private static final class Path {
        private String text = "";
        private List<String> names = List.of();

        Value of(Value metadata, String wanted) {
            if (!wanted.equals(text)) {
                names = names(wanted);
                text = wanted;
            }
            Value value = names.isEmpty() ? Null.NULL : metadata;
            for (String name : names) {
                value = value instanceof Record record ? record.field(name) : Null.NULL;
            }
            return value;
        }

        private static List<String> names(String path) {
            List<String> names = new ArrayList<>();
            int at = 0;
            while (at < path.length()) {
                int close = path.charAt(at) == '[' ? path.indexOf(']', at) : -1;
                int end = close < 0 ? path.indexOf('.', at) : close + 1;
                int until = end < 0 ? path.length() : end;
                names.add(close < 0 ? path.substring(at, until).strip() : path.substring(at + 1, close));
                at = until < path.length() && path.charAt(until) == '.' ? until + 1 : Math.max(until, at + 1);
            }
            return names;
        }
    }
}
