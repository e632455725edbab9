package io.conshelf.kql.function;

import static io.conshelf.kql.type.Type.BOOL;
import static io.conshelf.kql.type.Type.DYNAMIC;
import static io.conshelf.kql.type.Type.LONG;

import java.util.Arrays;
import java.util.List;

/// What operators over graphs compute of all edges at once.
final class GraphKernels {
    static final List<Kernel> ALL = List.of(Kernels.kernelWithNulls("kql_graph_components", DYNAMIC, (in, row, out) -> {
        int[] ends = in.isNull(0, row) ? new int[0] : integers(in.text(0, row));
        int nodes = Math.toIntExact(in.int64(1, row));
        out.text(row, array(inOrder(in.bool(2, row) ? strong(nodes, ends) : weak(nodes, ends))));
    }, DYNAMIC, LONG, BOOL));

    private GraphKernels() {}

    /// The integers of nested arrays, without their brackets.
    private static int[] integers(String text) {
        int[] found = new int[16];
        int count = 0;
        int i = 0;
        while (i < text.length()) {
            int end = i;
            while (end < text.length() && Character.isDigit(text.charAt(end))) {
                end++;
            }
            if (end > i) {
                if (count == found.length) {
                    found = Arrays.copyOf(found, 2 * count);
                }
                found[count++] = Integer.parseInt(text, i, end, 10);
            }
            i = end + 1;
        }
        return Arrays.copyOf(found, count);
    }

    private static String array(int[] values) {
        var text = new StringBuilder("[");
        for (int i = 0; i < values.length; i++) {
            text.append(i == 0 ? "" : ",").append(values[i]);
        }
        return text.append(']').toString();
    }

    /// Components numbered from 0 in the order of their first nodes.
    private static int[] inOrder(int[] components) {
        int[] numbers = new int[components.length];
        Arrays.fill(numbers, -1);
        int next = 0;
        int[] ordered = new int[components.length];
        for (int node = 0; node < components.length; node++) {
            int component = components[node];
            if (numbers[component] < 0) {
                numbers[component] = next++;
            }
            ordered[node] = numbers[component];
        }
        return ordered;
    }

    private static int[] weak(int nodes, int[] ends) {
        int[] parent = new int[nodes];
        Arrays.setAll(parent, node -> node);
        for (int i = 0; i < ends.length; i += 2) {
            int a = root(parent, ends[i]);
            int b = root(parent, ends[i + 1]);
            parent[Math.max(a, b)] = Math.min(a, b);
        }
        for (int node = 0; node < nodes; node++) {
            parent[node] = root(parent, node);
        }
        return parent;
    }

    private static int root(int[] parent, int node) {
        int root = node;
        while (parent[root] != root) {
            parent[root] = parent[parent[root]];
            root = parent[root];
        }
        return root;
    }

    /// Tarjan's algorithm with a stack of its own: a long chain of nodes is no deep recursion.
    private static int[] strong(int nodes, int[] ends) {
        int[] firstEdge = new int[nodes + 1];
        for (int i = 0; i < ends.length; i += 2) {
            firstEdge[ends[i] + 1]++;
        }
        for (int node = 0; node < nodes; node++) {
            firstEdge[node + 1] += firstEdge[node];
        }
        int[] targets = new int[ends.length / 2];
        int[] filled = firstEdge.clone();
        for (int i = 0; i < ends.length; i += 2) {
            targets[filled[ends[i]]++] = ends[i + 1];
        }
        return new StrongComponents(firstEdge, targets).find();
    }

    private static final class StrongComponents {
        private final int[] firstEdge;
        private final int[] targets;
        private final int[] nextEdge;
        private final int[] seen;
        private final int[] low;
        private final int[] component;
        private final int[] open;
        private int openCount;
        private int clock;

        StrongComponents(int[] firstEdge, int[] targets) {
            int nodes = firstEdge.length - 1;
            this.firstEdge = firstEdge;
            this.targets = targets;
            nextEdge = Arrays.copyOf(firstEdge, nodes);
            seen = new int[nodes];
            low = new int[nodes];
            component = new int[nodes];
            open = new int[nodes];
            Arrays.fill(component, -1);
        }

        int[] find() {
            int nodes = component.length;
            int[] path = new int[nodes];
            for (int start = 0; start < nodes; start++) {
                if (seen[start] == 0) {
                    from(start, path);
                }
            }
            return component;
        }

        private void from(int start, int[] path) {
            int depth = 0;
            path[0] = start;
            enter(start);
            while (depth >= 0) {
                int node = path[depth];
                if (nextEdge[node] < firstEdge[node + 1]) {
                    int target = targets[nextEdge[node]++];
                    if (seen[target] == 0) {
                        path[++depth] = target;
                        enter(target);
                    } else if (component[target] < 0) {
                        low[node] = Math.min(low[node], seen[target]);
                    }
                } else {
                    leave(node);
                    depth--;
                    if (depth >= 0) {
                        low[path[depth]] = Math.min(low[path[depth]], low[node]);
                    }
                }
            }
        }

        private void enter(int node) {
            seen[node] = ++clock;
            low[node] = clock;
            open[openCount++] = node;
        }

        private void leave(int node) {
            if (low[node] == seen[node]) {
                int last;
                do {
                    last = open[--openCount];
                    component[last] = node;
                } while (last != node);
            }
        }
    }
}
