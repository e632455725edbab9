package io.conshelf.kql.function;

import io.conshelf.kql.function.Kernels.RowWithState;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.lang.ref.SoftReference;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/// Kernels of a value and an array to look it up in, of which something is made once.
///
/// @param <L> what is made of an array; immutable
final class ListKernels<L> {
    private static final int REMEMBERED = 8;

    private final Function<String, L> maker;
    /// A list of constants comes anew with each vector of rows. What was made of it is kept while there is memory for it.
    private final AtomicReferenceArray<SoftReference<Made<L>>> remembered = new AtomicReferenceArray<>(REMEMBERED);

    ListKernels(Function<String, L> maker) {
        this.maker = maker;
    }

    private record Made<L>(String array, L list) {}

    /// Calls one of them, in the form for an array that is the same in all rows where it is.
    static Expr call(String name, Type returns, String kernel, Expr value, Expr array) {
        return new Expr.Call(name, new Lowering.Sql(template(kernel, array)), List.of(value, array), returns);
    }

    static String template(String kernel, Expr array) {
        boolean isOne = array instanceof Expr.Constant || array instanceof Expr.ScalarQuery;
        return kernel + (isOne ? "_of" : "") + "({0}, {1})";
    }

    /// A null argument gives a null.
    Kernel ofEach(String name, Type returns, Type value, RowWithState<L> method) {
        return Kernels.kernel(name, returns, LastList::new, (last, in, row, out) -> method.run(last.of(in.text(1, row)), in, row, out), value, Type.DYNAMIC);
    }

    /// All rows have the array of the first.
    Kernel ofOne(String name, Type returns, Type value, RowWithState<L> method) {
        return new Kernel(name, List.of(value, Type.DYNAMIC), false, returns, (in, out) -> {
            int rows = in.rows();
            if (rows > 0 && !in.isNull(1, 0)) {
                L list = remembered(in.text(1, 0));
                for (int row = 0; row < rows; row++) {
                    if (in.isNull(0, row)) {
                        out.setNull(row);
                    } else {
                        method.run(list, in, row, out);
                    }
                }
            } else {
                for (int row = 0; row < rows; row++) {
                    out.setNull(row);
                }
            }
        });
    }

    private L remembered(String array) {
        int slot = Math.floorMod(array.hashCode(), REMEMBERED);
        var reference = remembered.get(slot);
        Made<L> made = reference == null ? null : reference.get();
        if (made == null || !made.array().equals(array)) {
            made = new Made<>(array, maker.apply(array));
            remembered.set(slot, new SoftReference<>(made));
        }
        return made.list();
    }

    /// Often the next row has the same.
    private final class LastList {
        private Made<L> last = new Made<>("[]", maker.apply("[]"));

        L of(String array) {
            if (!last.array().equals(array)) {
                last = new Made<>(array, maker.apply(array));
            }
            return last.list();
        }
    }
}
