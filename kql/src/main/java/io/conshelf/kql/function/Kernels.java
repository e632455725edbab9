package io.conshelf.kql.function;

import io.conshelf.kql.type.Type;
import java.util.List;

/// The vector loops around plain Java methods. A null argument gives a null, and the method is not called.
final class Kernels {
    private Kernels() {}

    @FunctionalInterface
    interface TextToText {
        String apply(String a);
    }

    static Kernel textToText(String name, TextToText method) {
        return new Kernel(name, List.of(Type.STRING), false, Type.STRING, (in, out) -> {
            int rows = in.rows();
            for (int row = 0; row < rows; row++) {
                if (in.isNull(0, row)) {
                    out.setNull(row);
                } else {
                    out.text(row, method.apply(in.text(0, row)));
                }
            }
        });
    }
}
