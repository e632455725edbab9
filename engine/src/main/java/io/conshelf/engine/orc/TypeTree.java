package io.conshelf.engine.orc;

import java.util.ArrayList;
import java.util.List;

/// Reads the types of a file, which stand in preorder: each is the child of one other, and a child follows the subtree of the one
/// before it. Anything else could go round in a circle, or be a tree far larger than the file.
final class TypeTree {
    private static final int DEPTH_MAX = 64;

    private final List<Message> types;
    private int next;

    private TypeTree(List<Message> types) {
        this.types = types;
    }

    static OrcType read(List<Message> types) throws OrcException {
        var tree = new TypeTree(types);
        OrcType root = tree.read(0);
        if (tree.next != types.size()) {
            throw broken();
        }
        return root;
    }

    private OrcType read(int depth) throws OrcException {
        if (depth > DEPTH_MAX) {
            throw new OrcException("its types are nested more than " + DEPTH_MAX + " deep");
        }
        int column = next++;
        Message type = types.get(column);
        long kind = type.number(1);
        if (kind < 0 || kind >= OrcType.Kind.values().length) {
            throw new OrcException("column " + column + " has the unknown type " + kind);
        }
        var children = new ArrayList<OrcType>();
        for (long child : type.numbers(2)) {
            if (child != next || child >= types.size()) {
                throw broken();
            }
            children.add(read(depth + 1));
        }
        var result = new OrcType(column, OrcType.Kind.values()[(int) kind], children, type.strings(3), (int) type.number(6));
        int needed = switch (result.kind()) {
            case LIST -> 1;
            case MAP -> 2;
            case STRUCT -> result.names().size();
            case UNION -> children.size();
            case BOOLEAN, BYTE, SHORT, INT, LONG, FLOAT, DOUBLE, STRING, BINARY, TIMESTAMP, DECIMAL, DATE, VARCHAR, CHAR,
                    TIMESTAMP_INSTANT -> 0;
        };
        if (needed != children.size()) {
            throw broken();
        }
        return result;
    }

    private static OrcException broken() {
        return new OrcException("its types are broken");
    }
}
