package io.conshelf.processor.format;

import com.google.protobuf.AnyProto;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DurationProto;
import com.google.protobuf.EmptyProto;
import com.google.protobuf.FieldMaskProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StructProto;
import com.google.protobuf.TimestampProto;
import com.google.protobuf.WrappersProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Types of messages out of descriptors as protoc writes them.
final class ProtobufTypes {
    private static final int BYTES_MAX = 4 << 20;
    private static final int FILES_MAX = 1_000;
    /// What every installation has, also where it was left out.
    private static final Map<String, FileDescriptor> WELL_KNOWN = Stream.of(AnyProto.getDescriptor(), DurationProto.getDescriptor(), EmptyProto.getDescriptor(),
            FieldMaskProto.getDescriptor(), StructProto.getDescriptor(), TimestampProto.getDescriptor(), WrappersProto.getDescriptor())
            .collect(Collectors.toUnmodifiableMap(FileDescriptor::getName, file -> file));

    private final Map<String, FileDescriptorProto> given = new LinkedHashMap<>();
    private final Map<String, FileDescriptor> built = new HashMap<>();
    private final List<String> underway = new ArrayList<>();

    private ProtobufTypes() {}

    static Descriptor find(byte[] descriptors, String name) throws FormatException {
        FormatLimits.checkSize(descriptors, BYTES_MAX);
        FileDescriptorSet set;
        try {
            set = FileDescriptorSet.parseFrom(descriptors);
        } catch (InvalidProtocolBufferException e) {
            throw new FormatException("'descriptor' is no set of descriptors as 'protoc --include_imports --descriptor_set_out' writes it: " + e.getMessage());
        }
        if (set.getFileCount() == 0 || set.getFileCount() > FILES_MAX) {
            throw new FormatException("'descriptor' has %d files; it has 1 to %d".formatted(set.getFileCount(), FILES_MAX));
        }
        ProtobufTypes types = new ProtobufTypes();
        set.getFileList().forEach(file -> types.given.putIfAbsent(file.getName(), file));
        List<String> names = new ArrayList<>();
        for (FileDescriptorProto file : set.getFileList()) {
            FileDescriptor made = types.file(file.getName());
            String inPackage = made.getPackage().isEmpty() ? "" : made.getPackage() + ".";
            if (name.startsWith(inPackage)) {
                Descriptor found = in(made, name.substring(inPackage.length()));
                if (found != null) {
                    return found;
                }
            }
            file.getMessageTypeList().stream().map(DescriptorProto::getName).forEach(message -> names.add("'" + inPackage + message + "'"));
        }
        throw new FormatException("'descriptor' has no message '%s'; it has %s".formatted(name, names.size() <= 20 ? String.join(", ", names)
                : String.join(", ", names.subList(0, 20)) + " …"));
    }

    private static Descriptor in(FileDescriptor file, String name) {
        String[] steps = name.split("\\.");
        Descriptor found = file.findMessageTypeByName(steps[0]);
        for (int i = 1; i < steps.length && found != null; i++) {
            found = found.findNestedTypeByName(steps[i]);
        }
        return found;
    }

    /// Files are not taken to stand in the order of their imports.
    private FileDescriptor file(String name) throws FormatException {
        FileDescriptor made = built.get(name);
        if (made != null) {
            return made;
        }
        FileDescriptorProto file = given.get(name);
        if (file == null) {
            FileDescriptor known = WELL_KNOWN.get(name);
            if (known == null) {
                throw new FormatException("'descriptor' lacks '%s', which is imported: 'protoc --include_imports' puts it there".formatted(name));
            }
            return known;
        }
        if (underway.contains(name) || underway.size() > 100) {
            throw new FormatException("files of 'descriptor' import one another in a circle: " + String.join(", ", underway));
        }
        underway.add(name);
        FileDescriptor[] imports = new FileDescriptor[file.getDependencyCount()];
        for (int i = 0; i < imports.length; i++) {
            imports[i] = file(file.getDependency(i));
        }
        underway.removeLast();
        try {
            made = FileDescriptor.buildFrom(file, imports);
        } catch (DescriptorValidationException e) {
            throw new FormatException("'descriptor' is not valid: " + e.getMessage());
        }
        built.put(name, made);
        return made;
    }
}
