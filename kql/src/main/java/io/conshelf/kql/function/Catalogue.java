package io.conshelf.kql.function;

import io.conshelf.kql.scan.ScanKernels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// All built-in functions, operators and aggregates, by name. Kusto's names are case-sensitive.
public final class Catalogue {
    private static final Map<String, ScalarFunction> SCALARS = byName(
            Stream.of(
                    RowFunctions.ALL,
                    StringFunctions.ALL,
                    ArithmeticOperators.ALL,
                    ComparisonOperators.ALL,
                    LogicalOperators.ALL,
                    StringOperators.ALL,
                    ConditionalFunctions.ALL,
                    ConversionFunctions.ALL,
                    RegexFunctions.ALL,
                    MathFunctions.ALL,
                    DateTimeFunctions.ALL,
                    KeyValueFunctions.ALL,
                    DynamicFunctions.ALL,
                    HashFunctions.ALL,
                    EncodingFunctions.ALL,
                    ParseFunctions.ALL,
                    NetworkFunctions.ALL,
                    GeospatialFunctions.ALL,
                    ContextFunctions.ALL,
                    SeriesFunctions.ALL,
                    SketchFunctions.ALL,
                    UnitFunctions.ALL,
                    DistributionFunctions.ALL),
            ScalarFunction::name);
    private static final Map<String, AggregateFunction> AGGREGATES =
            byName(
                    Stream.of(BasicAggregates.ALL, StatisticAggregates.ALL, CollectingAggregates.ALL, SketchFunctions.AGGREGATES),
                    AggregateFunction::name);
    private static final Map<String, Kernel> KERNELS = byName(
            Stream.of(
                    StringKernels.ALL,
                    ListedValues.KERNELS,
                    RegexKernels.ALL,
                    ConversionKernels.ALL,
                    MathKernels.ALL,
                    DateTimeKernels.ALL,
                    DynamicKernels.ALL,
                    SetKernels.ALL,
                    AggregateKernels.ALL,
                    ValueSchema.KERNELS,
                    GraphKernels.ALL,
                    HashKernels.ALL,
                    EncodingKernels.ALL,
                    ParseKernels.ALL,
                    UserAgents.KERNELS,
                    NetworkKernels.ALL,
                    GeospatialKernels.ALL,
                    SeriesFits.ALL,
                    SeriesKernels.ALL,
                    SeriesDecomposition.ALL,
                    DistinctSketch.KERNELS,
                    Digest.KERNELS,
                    PatternMining.KERNELS,
                    Reduction.KERNELS,
                    GrowthKernels.ALL,
                    SessionKernels.ALL,
                    ScanKernels.ALL,
                    DistributionFunctions.KERNELS,
                    KeyValueFunctions.KERNELS),
            Kernel::name);
    private static final Set<String> DOCUMENTED_SCALARS = names("documented-functions.txt");
    private static final Set<String> DOCUMENTED_AGGREGATES = names("documented-aggregates.txt");

    private Catalogue() {}

    /// A scalar function or an operator (`+`, `has`, `!in`) by its name.
    public static Optional<ScalarFunction> scalar(String name) {
        return Optional.ofNullable(SCALARS.get(name));
    }

    public static Optional<AggregateFunction> aggregate(String name) {
        return Optional.ofNullable(AGGREGATES.get(name));
    }

    public static Collection<ScalarFunction> scalars() {
        return SCALARS.values();
    }

    public static Collection<AggregateFunction> aggregates() {
        return AGGREGATES.values();
    }

    /// Whether Kusto has a scalar function of this name, whether it is built here or not.
    public static boolean isDocumentedScalar(String name) {
        return DOCUMENTED_SCALARS.contains(name);
    }

    /// Whether Kusto has an aggregate of this name, whether it is built here or not.
    public static boolean isDocumentedAggregate(String name) {
        return DOCUMENTED_AGGREGATES.contains(name);
    }

    /// Every kernel that a template may call, for the engine to register.
    public static Collection<Kernel> kernels() {
        return KERNELS.values();
    }

    private static <T> Map<String, T> byName(Stream<List<T>> families, Function<T, String> name) {
        Map<String, T> all = new TreeMap<>();
        families.flatMap(List::stream).forEach(function -> {
            if (all.put(name.apply(function), function) != null) {
                throw new AssertionError("'" + name.apply(function) + "' is declared twice");
            }
        });
        return Collections.unmodifiableMap(all);
    }

    private static Set<String> names(String resource) {
        try (InputStream in = Catalogue.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new AssertionError("the resource " + resource + " is not in the jar");
            }
            return Arrays.stream(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
