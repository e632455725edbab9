package io.conshelf.streams.expression;

import static io.conshelf.streams.expression.Parameter.ANY;

import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Text;
import java.util.List;

/// Functions that look at values of any type. CAST and TRY_CAST are expressions of their own.
final class OtherFunctions {
    static final List<Function> ALL = List.of(
            Function.of("COALESCE", List.of(ANY, ANY), arguments -> {
                for (Value argument : arguments) {
                    if (!(argument instanceof Null)) {
                        return argument;
                    }
                }
                return Null.NULL;
            }).repeating().takingNulls(),
            Function.of("NULLIF", ANY, ANY, (value, other) -> Comparison.areEqual(value, other) ? Null.NULL : value).takingNulls(),
            Function.of("GetType", ANY, value -> Value.of(value.typeName())),
            new Function("JSON_PARSE", List.of(ANY), 1, Function.Rest.NONE, Function.Nulls.GIVE_NULL, context -> {
                JsonRead reader = new JsonRead(JsonRead.Reading.at(context.level()));
                return arguments -> arguments[0] instanceof Text(String json) ? reader.record(json).<Value>map(record -> record).orElse(Null.NULL) : Null.NULL;
            }));

    private OtherFunctions() {}
}
