package io.conshelf.factory.copy;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.copy.Catalogue.Kind;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Checks the sources and sinks of activities, and the settings inside them, against their declarations.
public final class Parts {
    private static final List<String> SETTINGS = List.of("storeSettings", "formatSettings");

    private Parts() {}

    static void checkSource(Located source, Consumer<Problem> problems) {
        check(source, Kind.SOURCE, problems);
    }

    static void checkSink(Located sink, Consumer<Problem> problems) {
        check(sink, Kind.SINK, problems);
    }

    /// Reports the properties of a source or sink, and of its settings, that are not known.
    public static void remark(Located part, Consumer<Problem> remarks) {
        String type = part.at("type").text("");
        Stream.of(Kind.SOURCE, Kind.SINK).flatMap(kind -> Catalogue.find(kind, type).stream()).findFirst()
                .ifPresent(declared -> declared.remark(part, remarks));
        remarkSettings(part, remarks);
    }

    /// Reports the settings of whatever holds some that are not known.
    public static void remarkSettings(Located holder, Consumer<Problem> remarks) {
        for (String name : SETTINGS) {
            Catalogue.find(Kind.SETTINGS, holder.at(name).at("type").text("")).ifPresent(declared -> declared.remark(holder.at(name), remarks));
        }
    }

    private static void check(Located part, Kind kind, Consumer<Problem> problems) {
        if (!part.value().isObject()) {
            problems.accept(part.problem("a " + kind.title() + " is an object with a 'type'"));
            return;
        }
        Optional<Declaration> declared = Catalogue.require(kind, part, problems);
        if (declared.isEmpty()) {
            return;
        }
        declared.get().check(part, problems);
        checkSettings(part, problems);
    }

    /// Checks the settings of whatever holds some: a source, a sink, or an activity over files.
    static void checkSettings(Located part, Consumer<Problem> problems) {
        for (String name : SETTINGS) {
            Located stated = part.at(name);
            if (stated.isPresent()) {
                Catalogue.require(Kind.SETTINGS, stated, problems).ifPresent(found -> found.check(stated, problems));
            }
        }
    }
}
