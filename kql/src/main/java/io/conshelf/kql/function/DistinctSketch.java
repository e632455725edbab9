package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Interruption;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// What `hll()` keeps of a group: the hashes of its values while there are few, then HyperLogLog's registers, for each number
/// that the first bits of a hash can make the most zeros seen behind them.
///
/// It is written as the service writes it, `[[1024,14],["hash",…],[]]`; the third part holds the registers in base 64, which is
/// ours: the service tells its form nowhere.
///
/// @param hashes    sorted; empty where there are registers
/// @param registers as many as `bits` can number; empty where there are hashes
public record DistinctSketch(int bits, long[] hashes, byte[] registers) {
    public static final int INTERSECTED_MAX = 16;
    static final int HASHES_MAX = 1024;
    private static final int[] BITS = {12, 14, 16, 17, 18};

    static final List<Kernel> KERNELS = List.of(
            kernel("kql_hll_code", LONG, (in, row, out) -> out.int64(row, code(in.int64(0, row), bitsOf(in.int64(1, row)))), LONG, LONG),
            kernel("kql_hll_few", DYNAMIC, (in, row, out) -> out.text(row, new DistinctSketch(bitsOf(in.int64(1, row)),
                    numbers(in.text(0, row)), new byte[0]).text()), STRING, LONG),
            kernel("kql_hll_many", DYNAMIC, (in, row, out) -> {
                int bits = bitsOf(in.int64(1, row));
                byte[] registers = new byte[1 << bits];
                Arrays.stream(numbers(in.text(0, row))).forEach(code -> put(registers, code));
                out.text(row, new DistinctSketch(bits, new long[0], registers).text());
            }, STRING, LONG),
            kernel("kql_hll_merge", DYNAMIC, (in, row, out) ->
                    DynamicKernels.dynamic(out, row, merged(DynamicParts.elements(in.text(0, row)))), DYNAMIC),
            kernel("kql_hll_common", LONG, (in, row, out) -> common(DynamicParts.elements(in.text(0, row)))
                    .ifPresentOrElse(count -> out.int64(row, count), () -> out.setNull(row)), DYNAMIC),
            kernel("kql_hll_count", LONG, (in, row, out) -> read(in.text(0, row))
                    .ifPresentOrElse(sketch -> out.int64(row, sketch.count()), () -> out.setNull(row)), DYNAMIC));

    /// By the page's errors, which are those of 1.04 over the root of the number of registers.
    private static int bitsOf(long accuracy) {
        return BITS[Math.clamp(accuracy, 0, BITS.length - 1)];
    }

    /// A hash's register, and the number of the first bit that is set behind those that number it.
    private static long code(long hash, int bits) {
        int first = Math.min(Long.numberOfLeadingZeros(hash << bits), Long.SIZE - bits) + 1;
        return (hash >>> (Long.SIZE - bits)) * Long.SIZE + first;
    }

    private static void put(byte[] registers, long code) {
        int register = (int) (code / Long.SIZE);
        registers[register] = (byte) Math.max(registers[register], code % Long.SIZE);
    }

    private static long[] numbers(String list) {
        return list.isEmpty() ? new long[0] : Arrays.stream(list.split(",")).mapToLong(Long::parseLong).sorted().toArray();
    }

    private String text() {
        List<String> few = LongStream.of(hashes).mapToObj(hash -> '"' + Long.toString(hash) + '"').toList();
        List<String> many = registers.length == 0 ? List.of() : List.of('"' + Base64.getEncoder().encodeToString(registers) + '"');
        return "[[" + HASHES_MAX + "," + bits + "]," + DynamicParts.array(few) + "," + DynamicParts.array(many) + "]";
    }

    private static Optional<DistinctSketch> read(String text) {
        if (!DynamicParts.isArray(text)) {
            return Optional.empty();
        }
        List<String> parts = DynamicParts.elements(text);
        if (parts.size() != 3 || !parts.stream().allMatch(DynamicParts::isArray)) {
            return Optional.empty();
        }
        try {
            List<String> shape = DynamicParts.elements(parts.getFirst());
            int bits = Integer.parseInt(shape.getLast());
            long[] hashes = DynamicParts.elements(parts.get(1)).stream()
                    .mapToLong(hash -> Long.parseLong(DynamicText.stringValue(hash).orElse(hash)))
                    .sorted().distinct().toArray();
            List<String> many = DynamicParts.elements(parts.getLast());
            byte[] registers = many.isEmpty() ? new byte[0] : Base64.getDecoder().decode(DynamicText.stringValue(many.getFirst()).orElse(""));
            boolean isWhole = Arrays.binarySearch(BITS, bits) >= 0 && (many.isEmpty() || registers.length == 1 << bits && areRegisters(registers, bits));
            return isWhole ? Optional.of(new DistinctSketch(bits, hashes, registers)) : Optional.empty();
        } catch (IllegalArgumentException | NoSuchElementException notOne) {
            return Optional.empty();
        }
    }

    private static boolean areRegisters(byte[] registers, int bits) {
        for (byte register : registers) {
            if (register < 0 || register > Long.SIZE - bits + 1) {
                return false;
            }
        }
        return true;
    }

    /// Empty where one is none, or they are of different accuracy.
    private static Optional<String> merged(List<String> texts) {
        Optional<DistinctSketch> all = Optional.empty();
        for (String text : texts) {
            Optional<DistinctSketch> next = read(text);
            if (next.isEmpty() || all.isPresent() && all.get().bits != next.get().bits) {
                return Optional.empty();
            }
            all = Optional.of(all.isEmpty() ? next.get() : all.get().with(next.get()));
        }
        return all.map(DistinctSketch::text);
    }

    /// How many distinct values several have in common, in SQL.
    public static Expr intersection(List<Expr> sketches) {
        return Declare.call("dcount_intersect", "kql_hll_common('[' || concat_ws(',', {*}) || ']')", LONG, sketches.toArray(Expr[]::new));
    }

    /// Exact of hashes; of registers by the counts of all unions, as only those can be told.
    private static OptionalLong common(List<String> texts) {
        List<DistinctSketch> all = texts.stream().flatMap(text -> read(text).stream()).toList();
        if (all.isEmpty() || all.size() < texts.size() || all.stream().anyMatch(sketch -> sketch.bits != all.getFirst().bits)) {
            return OptionalLong.empty();
        }
        if (all.stream().allMatch(sketch -> sketch.registers.length == 0)) {
            return OptionalLong.of(LongStream.of(all.getFirst().hashes)
                    .filter(hash -> all.stream().allMatch(other -> Arrays.binarySearch(other.hashes, hash) >= 0))
                    .count());
        }
        long least = all.stream().mapToLong(DistinctSketch::count).min().orElse(0);
        return OptionalLong.of(Math.clamp(commonOfUnions(all.stream().map(DistinctSketch::dense).toList(), all.getFirst().bits), 0, least));
    }

    /// By inclusion and exclusion, for all unions at once: how many registers of a union are at most a number is how many of them are so in each
    /// of its sketches. So registers are counted by the set of sketches where they are, and a set has what all sets around it have.
    private static long commonOfUnions(List<byte[]> sketches, int bits) {
        int m = 1 << bits;
        int last = Long.SIZE - bits + 1;
        int sets = 1 << sketches.size();
        int[] where = new int[m];
        Arrays.fill(where, sets - 1);
        int[] notAbove = new int[sets];
        Arrays.fill(notAbove, m);
        double[] z = new double[sets];
        for (int number = last; number >= 1; number--) {
            Interruption.look();
            int[] below = isLeft(sketches, number, where) ? ofSets(where, sets) : notAbove;
            for (int set = 1; set < sets; set++) {
                int having = notAbove[set] - below[set];
                z[set] = number == last ? m * tau(1 - having / (double) m) : (z[set] + having) / 2;
            }
            notAbove = below;
        }
        long common = 0;
        for (int set = 1; set < sets; set++) {
            long count = estimate(m, z[set] + m * sigma(notAbove[set] / (double) m));
            common += Integer.bitCount(set) % 2 == 1 ? count : -count;
        }
        return common;
    }

    /// Takes the sketches whose registers have a number out of the registers' sets; whether there are any.
    private static boolean isLeft(List<byte[]> sketches, int number, int[] where) {
        boolean isLeft = false;
        for (int i = 0; i < sketches.size(); i++) {
            byte[] registers = sketches.get(i);
            int others = ~(1 << i);
            for (int register = 0; register < registers.length; register++) {
                if (registers[register] == number) {
                    where[register] &= others;
                    isLeft = true;
                }
            }
        }
        return isLeft;
    }

    /// How many registers have each set or one around it.
    private static int[] ofSets(int[] where, int sets) {
        int[] counts = new int[sets];
        for (int set : where) {
            counts[set]++;
        }
        for (int one = 1; one < sets; one <<= 1) {
            for (int set = 0; set < sets; set++) {
                if ((set & one) == 0) {
                    counts[set] += counts[set | one];
                }
            }
        }
        return counts;
    }

    private DistinctSketch with(DistinctSketch other) {
        if (registers.length == 0 && other.registers.length == 0) {
            long[] both = LongStream.concat(LongStream.of(hashes), LongStream.of(other.hashes)).sorted().distinct().toArray();
            if (both.length <= HASHES_MAX) {
                return new DistinctSketch(bits, both, registers);
            }
        }
        byte[] most = dense();
        byte[] others = other.dense();
        for (int i = 0; i < most.length; i++) {
            most[i] = (byte) Math.max(most[i], others[i]);
        }
        return new DistinctSketch(bits, new long[0], most);
    }

    private byte[] dense() {
        byte[] dense = registers.length == 0 ? new byte[1 << bits] : registers.clone();
        for (long hash : hashes) {
            put(dense, code(hash, bits));
        }
        return dense;
    }

    /// The number of distinct values: exact of hashes, and of registers as Ertl estimates it ("New cardinality estimation
    /// algorithms for HyperLogLog sketches"), which needs no table of corrections.
    private long count() {
        if (registers.length == 0) {
            return hashes.length;
        }
        int m = registers.length;
        int last = Long.SIZE - bits + 1;
        int[] having = new int[last + 1];
        for (byte register : registers) {
            having[Math.min(register, last)]++;
        }
        double z = m * tau(1 - having[last] / (double) m);
        for (int k = last - 1; k >= 1; k--) {
            z = (z + having[k]) / 2;
        }
        z += m * sigma(having[0] / (double) m);
        return estimate(m, z);
    }

    private static long estimate(int m, double z) {
        return Math.round(m / (2 * Math.log(2)) * m / z);
    }

    private static double sigma(double x) {
        if (x == 1) {
            return Double.POSITIVE_INFINITY;
        }
        double power = x;
        double factor = 1;
        double sum = x;
        double before;
        do {
            power *= power;
            before = sum;
            sum += power * factor;
            factor *= 2;
        } while (sum != before);
        return sum;
    }

    private static double tau(double x) {
        if (x == 0 || x == 1) {
            return 0;
        }
        double root = x;
        double factor = 1;
        double sum = 1 - x;
        double before;
        do {
            root = Math.sqrt(root);
            before = sum;
            factor /= 2;
            sum -= (1 - root) * (1 - root) * factor;
        } while (sum != before);
        return sum / 3;
    }
}
