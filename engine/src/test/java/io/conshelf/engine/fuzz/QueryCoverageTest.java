package io.conshelf.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.bind.Plugins;
import io.conshelf.kql.function.AggregateFunction;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The generated queries have everything that there is: each record of the tree with each choice in it, each function, aggregate and plugin
/// of the catalogue. What is declared later is missing here until the generator writes it.
class QueryCoverageTest {
    private static final int QUERIES_MAX = 30_000;
    private static final int QUERIES_AT_ONCE = 500;

    /// A string has no literal with a type's name, and a dynamic one that cannot be read is no literal.
    private static final Set<String> NEVER_READ = Set.of("MalformedLiteral DYNAMIC", "MalformedLiteral STRING", "NullLiteral STRING");

    @Test
    void everythingIsGenerated() {
        var missing = new TreeSet<String>();
        records(Syntax.class).forEach(missing::add);
        QueryGenerator.documented().forEach(name -> missing.add("function " + name));
        Catalogue.aggregates().stream().map(AggregateFunction::name).forEach(name -> missing.add("function " + name));
        Plugins.known().keySet().forEach(name -> missing.add("function " + name));
        missing.removeAll(NEVER_READ);
        var generator = new QueryGenerator(new Random(1));
        for (int made = 0; made < QUERIES_MAX && !missing.isEmpty(); made += QUERIES_AT_ONCE) {
            for (int i = 0; i < QUERIES_AT_ONCE; i++) {
                Parser.parse(generator.query()).tree().nodes().forEach(node -> found(node, missing));
            }
        }
        assertThat(missing).as("is in none of %d generated queries", QUERIES_MAX).isEmpty();
    }

    /// The records of a sealed family, and the constants of the enums that stand in them.
    private static Stream<String> records(Class<?> type) {
        if (type.isSealed()) {
            return Arrays.stream(type.getPermittedSubclasses()).flatMap(QueryCoverageTest::records);
        }
        Stream<String> constants = Arrays.stream(type.getRecordComponents()).map(RecordComponent::getType).filter(Class::isEnum)
                .flatMap(one -> Arrays.stream(one.getEnumConstants())).map(constant -> constant(type, constant));
        return Stream.concat(Stream.of(type.getSimpleName()), constants);
    }

    private static String constant(Class<?> type, Object constant) {
        return type.getSimpleName() + " " + ((Enum<?>) constant).name();
    }

    private static void found(Syntax node, Set<String> missing) {
        missing.remove(node.getClass().getSimpleName());
        if (node instanceof Syntax.FunctionCall call) {
            missing.remove("function " + call.function().text());
        }
        switch (node) {
            case Syntax.DynamicLiteral literal -> found(literal.value(), missing);
            case Syntax.DynamicArray array -> array.items().forEach(item -> found(item, missing));
            case Syntax.DynamicObject object -> object.properties().forEach(property -> found(property, missing));
            case Syntax.DynamicProperty property -> found(property.value(), missing);
            default -> { }
        }
        for (RecordComponent component : node.getClass().getRecordComponents()) {
            if (component.getType().isEnum()) {
                missing.remove(constant(node.getClass(), value(component, node)));
            }
        }
    }

    private static Object value(RecordComponent component, Syntax node) {
        try {
            return component.getAccessor().invoke(node);
        } catch (ReflectiveOperationException wrong) {
            throw new AssertionError(wrong);
        }
    }
}
