package io.conshelf.kql.function;

import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.Chunk;
import java.util.List;
import java.util.function.Supplier;

/// The vector loops around plain Java methods.
final class Kernels {
    private Kernels() {}

    /// One row: reads its arguments, none of which is null, and sets its cell.
    @FunctionalInterface
    interface Row {
        void run(Chunk in, int row, CellWriter out);
    }

    /// The same with something that is kept from row to row, such as a compiled pattern.
    @FunctionalInterface
    interface RowWithState<S> {
        void run(S state, Chunk in, int row, CellWriter out);
    }

    @FunctionalInterface
    interface TextToText {
        String apply(String a);
    }

    static Kernel textToText(String name, TextToText method) {
        return kernel(name, Type.STRING, (in, row, out) -> out.text(row, method.apply(in.text(0, row))), Type.STRING);
    }

    /// A null argument gives a null.
    static Kernel kernel(String name, Type returns, Row method, Type... parameters) {
        return new Kernel(name, List.of(parameters), false, returns, (in, out) -> {
            int rows = in.rows();
            for (int row = 0; row < rows; row++) {
                if (hasNull(in, row)) {
                    out.setNull(row);
                } else {
                    method.run(in, row, out);
                }
            }
        });
    }

    /// A null argument gives a null; the state lives as long as a vector.
    static <S> Kernel kernel(
            String name, Type returns, Supplier<S> newState, RowWithState<S> method, Type... parameters) {
        return new Kernel(name, List.of(parameters), false, returns, (in, out) -> {
            S state = newState.get();
            int rows = in.rows();
            for (int row = 0; row < rows; row++) {
                if (hasNull(in, row)) {
                    out.setNull(row);
                } else {
                    method.run(state, in, row, out);
                }
            }
        });
    }

    /// The method sees nulls.
    static Kernel kernelWithNulls(String name, Type returns, Row method, Type... parameters) {
        return new Kernel(name, List.of(parameters), false, returns, loop(method));
    }

    /// The method sees nulls; the last parameter repeats.
    static Kernel variadicKernelWithNulls(String name, Type returns, Row method, Type... parameters) {
        return new Kernel(name, List.of(parameters), true, returns, loop(method));
    }

    private static KernelBody loop(Row method) {
        return (in, out) -> {
            int rows = in.rows();
            for (int row = 0; row < rows; row++) {
                method.run(in, row, out);
            }
        };
    }

    private static boolean hasNull(Chunk in, int row) {
        int columns = in.columns();
        for (int column = 0; column < columns; column++) {
            if (in.isNull(column, row)) {
                return true;
            }
        }
        return false;
    }
}
