package io.conshelf.streams.run;

import java.io.Serializable;
import java.util.Locale;
import java.util.Map;

/// Where a job reads and writes, without secrets. What it remembers of its inputs and outputs is of these places and of no others.
///
/// @param inputs  by name in small letters: the place in which positions are
/// @param outputs by name in small letters: the place for which rows are kept over a checkpoint, and in which way; empty where nothing is kept
public record Places(Map<String, String> inputs, Map<String, String> outputs) implements Serializable {
    public static final Places UNKNOWN = new Places(Map.of(), Map.of());

    public Places {
        inputs = Map.copyOf(inputs);
        outputs = Map.copyOf(outputs);
    }

    public static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    public String output(String name) {
        return outputs.getOrDefault(key(name), "");
    }

    /// Whether positions of these places are of no use in the others.
    public boolean readElsewhere(Places others) {
        return inputs.entrySet().stream().anyMatch(one -> others.inputs.containsKey(one.getKey()) && !others.inputs.get(one.getKey()).equals(one.getValue()));
    }

    /// Whether what is kept for one of these outputs is not for the other of its name.
    public boolean writeElsewhere(Places others) {
        return outputs.entrySet().stream().anyMatch(one -> !one.getValue().isEmpty() && !one.getValue().equals(others.output(one.getKey())));
    }

    /// Whether rows that were not shown yet may be kept for one of the outputs.
    public boolean keepRows() {
        return outputs.values().stream().anyMatch(place -> !place.isEmpty());
    }
}
