package io.conshelf.streams.value;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The shapes seen so far, so that records with the same names share one. Names are walked one by one as they are read, so an object with names seen before
/// costs a comparison a name and builds no map. Belongs to one thread.
public final class SeenShapes {
    /// Events whose names are never the same twice would fill it; then it starts anew.
    private static final int NODES_MAX = 20_000;
    /// Fewer names than these are looked through one by one.
    private static final int FEW = 32;
    /// So many long objects in one another are walked at a time before their names are put together again.
    private static final int LONG_WALKS_MAX = 16;

    /// How names are kept.
    public enum Names { AS_WRITTEN, LOWER_CASE }

    private final Names kept;
    private Node root = new Node(null, "", -1, 0);
    private int nodes;
    /// Where the names of long walks stand, by the walks' last nodes: a name more need not be compared with all of them.
    private final LinkedHashMap<Node, Map<String, Integer>> longWalks = new LinkedHashMap<>();

    public SeenShapes(Names kept) {
        this.kept = kept;
    }

    public SeenShapes() {
        this(Names.AS_WRITTEN);
    }

    /// Where a walk begins: at a record without names.
    public Node start() {
        return root;
    }

    public Shape of(List<String> names) {
        Node node = root;
        for (String name : names) {
            node = then(node, name);
        }
        return node.shape();
    }

    /// The walk with one name more. A name that has been there already leads to a node with the same shape; its [Node#index] is that of the first.
    public Node then(Node node, String name) {
        String next = node.nextName;
        // Parsers give the same String for the same name while they know it, so identity mostly decides.
        if (next == name || next != null && next.equals(name)) {
            return node.next;
        }
        return node.other(this, name);
    }

    private Node make(Node parent, String written) {
        if (++nodes > NODES_MAX) {
            nodes = 0;
            root = new Node(null, "", -1, 0);
        }
        String name = kept == Names.LOWER_CASE ? Shape.folded(written) : written;
        return parent.size < FEW ? node(parent, name, indexOf(parent, name)) : nodeOfMany(parent, name);
    }

    private static Node node(Node parent, String name, int index) {
        return index < 0 ? new Node(parent, name, parent.size, parent.size + 1) : new Node(parent, name, index, parent.size);
    }

    private static int indexOf(Node walk, String name) {
        for (Node before = walk; before.parent != null; before = before.parent) {
            if (before.isNew() && before.name.equals(name)) {
                return before.index;
            }
        }
        return -1;
    }

    private Node nodeOfMany(Node parent, String name) {
        Map<String, Integer> indexes = longWalks.remove(parent);
        if (indexes == null) {
            indexes = new HashMap<>();
            for (Node before = parent; before.parent != null; before = before.parent) {
                indexes.put(before.name, before.index);
            }
        }
        Node made = node(parent, name, indexes.getOrDefault(name, -1));
        indexes.put(name, made.index);
        longWalks.put(made, indexes);
        if (longWalks.size() > LONG_WALKS_MAX) {
            longWalks.pollFirstEntry();
        }
        return made;
    }

    /// A walk's place: the names up to here.
    public static final class Node {
        private final Node parent;
        private final String name;
        private final int index;
        private final int size;
        private Shape shape;
        private String nextName;
        private Node next;
        private Map<String, Node> others;

        private Node(Node parent, String name, int index, int size) {
            this.parent = parent;
            this.name = name;
            this.index = index;
            this.size = size;
        }

        /// Where the value of the last name stands.
        public int index() {
            return index;
        }

        /// How many values there are.
        public int size() {
            return size;
        }

        /// Whether the last name has not been there before.
        public boolean isNew() {
            return index == size - 1 && (parent == null || parent.size < size);
        }

        public Shape shape() {
            if (shape == null) {
                String[] names = new String[size];
                for (Node node = this; node.parent != null; node = node.parent) {
                    if (node.isNew()) {
                        names[node.index] = node.name;
                    }
                }
                shape = Shape.of(List.of(names));
            }
            return shape;
        }

        private Node other(SeenShapes shapes, String written) {
            if (others == null) {
                others = new HashMap<>(4);
            }
            Node found = others.get(written);
            if (found == null) {
                found = shapes.make(this, written);
                others.put(written, found);
            }
            // The last way taken is the first to be tried again.
            nextName = written;
            next = found;
            return found;
        }
    }
}
