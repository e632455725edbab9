package io.conshelf.processor.jq;

import static io.conshelf.processor.jq.Builtins.filter;
import static io.conshelf.processor.jq.Builtins.values;

import io.conshelf.processor.jq.Builtins.Builtin;
import io.conshelf.processor.jq.Builtins.Declared;
import io.conshelf.processor.jq.Builtins.OfValues;
import io.conshelf.processor.jq.Bytes.Fixed;
import io.conshelf.processor.jq.Bytes.Form;
import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.value.Value;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The functions of the module `binary`, by name and number of arguments. Offsets and bits that are not given are 0.
final class BinaryModule {
    static final Map<String, Builtin> ALL;
    static final Set<String> NAMES;

    static {
        Map<String, Builtin> all = new HashMap<>();
        Set<String> names = new HashSet<>();
        for (Declared declared : declared()) {
            all.put(declared.name() + "/" + declared.arity(), declared.builtin());
            names.add(declared.name());
        }
        ALL = Map.copyOf(all);
        NAMES = Set.copyOf(names);
    }

    private static final Value ZERO = Value.of(0L);

    private BinaryModule() {}

    private static List<Declared> declared() {
        List<Declared> all = new ArrayList<>();
        all.add(values("tobinary", 0, (_, input, _) -> Bytes.binary(input)));
        all.add(values("toarray", 0, (run, input, _) -> Bytes.array(run, input)));
        all.add(values("tobase64", 0, (_, input, _) -> Bytes.base64(input)));
        all.add(values("isbinary", 0, (_, input, _) -> is(input, Form.BINARY)));
        all.add(values("isarray", 0, (_, input, _) -> is(input, Form.ARRAY)));
        all.add(values("isbase64", 0, (_, input, _) -> is(input, Form.BASE64)));
        all.add(filter("edit", 1, arguments -> (run, scope, path, input, output) ->
                arguments.getFirst().run(run, scope, Path.NONE, Bytes.array(run, input), (_, edited) -> output.emit(path.lost(), Bytes.binary(edited)))));
        for (Fixed type : Fixed.values()) {
            if (type.width() == 1) {
                fixed(all, type, type.text(), ByteOrder.BIG_ENDIAN);
            } else {
                fixed(all, type, type.text() + "_be", ByteOrder.BIG_ENDIAN);
                fixed(all, type, type.text() + "_le", ByteOrder.LITTLE_ENDIAN);
            }
        }
        upTo(all, "read_utf8", 0, 2, (_, input, given) -> Bytes.readText(input, at(given, 0), given.size() > 1 ? given.get(1) : Value.NULL));
        upTo(all, "read_bool", 0, 2, (_, input, given) -> Bytes.readBool(input, at(given, 0), at(given, 1)));
        upTo(all, "read_bit", 0, 2, (_, input, given) -> Bytes.readBit(input, at(given, 0), at(given, 1)));
        upTo(all, "write_utf8", 1, 2, (run, input, given) -> Bytes.writeText(run, input, given.getFirst(), at(given, 1)));
        upTo(all, "write_bool", 1, 3, (run, input, given) -> Bytes.writeBool(run, input, given.getFirst(), at(given, 1), at(given, 2)));
        upTo(all, "write_bit", 1, 3, (run, input, given) -> Bytes.writeBit(run, input, given.getFirst(), at(given, 1), at(given, 2)));
        upTo(all, "append_utf8", 1, 1, (run, input, given) -> Bytes.appendText(run, input, given.getFirst()));
        upTo(all, "append_bool", 1, 2, (run, input, given) -> Bytes.appendBool(run, input, given.getFirst(), at(given, 1)));
        return all;
    }

    private static Value is(Value input, Form form) {
        return Value.of(Bytes.form(input).equals(Optional.of(form)));
    }

    private static Value at(List<Value> given, int index) {
        return given.size() > index ? given.get(index) : ZERO;
    }

    private static void fixed(List<Declared> all, Fixed type, String name, ByteOrder order) {
        upTo(all, "read_" + name, 0, 1, (_, input, given) -> Bytes.read(input, type, order, at(given, 0)));
        upTo(all, "write_" + name, 1, 2, (run, input, given) -> Bytes.write(run, input, type, order, given.getFirst(), at(given, 1)));
        upTo(all, "append_" + name, 1, 1, (run, input, given) -> Bytes.append(run, input, type, order, given.getFirst()));
    }

    /// A function some of whose arguments may be left out.
    private static void upTo(List<Declared> all, String name, int from, int to, OfValues function) {
        for (int arity = from; arity <= to; arity++) {
            all.add(values(name, arity, function));
        }
    }
}
