package io.conshelf.streams.expression;

import static io.conshelf.streams.expression.Parameter.ARRAY;
import static io.conshelf.streams.expression.Parameter.BIGINT;
import static io.conshelf.streams.expression.Parameter.RECORD;
import static io.conshelf.streams.expression.Parameter.TEXT;

import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.List;

/// Functions of records and arrays. GetArrayElements and GetRecordProperties give rows and stand in APPLY alone, so they are no functions here.
final class RecordFunctions {
    static final List<Function> ALL = List.of(
            Function.of("GetArrayElement", ARRAY, BIGINT, (array, index) -> {
                List<Value> elements = ((Array) array).elements();
                long at = ((BigInt) index).value();
                return at >= 0 && at < elements.size() ? elements.get((int) at) : Null.NULL;
            }),
            Function.of("GetArrayLength", ARRAY, array -> Value.of(((Array) array).elements().size())),
            Function.of("GetRecordPropertyValue", RECORD, TEXT, (record, name) -> ((Record) record).field(((Text) name).value())));

    private RecordFunctions() {}
}
