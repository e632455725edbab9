package io.conshelf.streams.script;

import io.conshelf.streams.script.ScriptFunctions.Definition;
import io.conshelf.streams.value.Compatibility;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Loads an engine of JavaScript with calls of [Bounds] in its code: wherever a loop goes round, where two values are compared, and where something of any size
/// is made. No class of it is left out, so nothing that a script can reach, or reach in a way that nobody thought of, loops or grows uncounted.
final class CountedClasses extends ClassLoader {
    private static final ClassDesc BOUNDS = Bounds.class.describeConstable().orElseThrow();
    private static final ClassDesc NUMBER = BigInteger.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc ROUND = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc OF_COUNT = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
    private static final MethodTypeDesc OF_TEXT = MethodTypeDesc.of(ConstantDescs.CD_void, CharSequence.class.describeConstable().orElseThrow());
    private static final MethodTypeDesc OF_NUMBER = MethodTypeDesc.of(ConstantDescs.CD_void, NUMBER);
    private static final MethodTypeDesc OF_DIGITS = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);
    private static final MethodTypeDesc OF_DIGITS_AND_RADIX = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String, ConstantDescs.CD_int);
    private static final MethodTypeDesc POWER = MethodTypeDesc.of(NUMBER, NUMBER, ConstantDescs.CD_int);
    private static final String COMPARISON = "(Ljava/lang/Object;Ljava/lang/Object;)I";

    private static final Definition FIRST = new Definition("first", ScriptFunctions.Kind.SCALAR, "function main() { return /a/.test('a'); }", List.of(), "any");

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader parent;
    private final ClassFile classes;
    /// By name.
    private final Set<String> loaded = ConcurrentHashMap.newKeySet();

    private CountedClasses(ClassLoader parent) {
        super("scripts", parent);
        this.parent = parent;
        this.classes = ClassFile.of(ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(parent)
                .orElse(ClassHierarchyResolver.defaultResolver()).cached(ConcurrentHashMap::new)));
    }

    static ScriptEngine open() {
        CountedClasses loader = new CountedClasses(CountedClasses.class.getClassLoader());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // whoever is first may be about to end; the engine is for all
        boolean isInterrupted = Thread.interrupted();
        // Rhino looks there for its regular expressions, when it begins
        thread.setContextClassLoader(loader);
        try {
            ScriptEngine engine = ServiceLoader.load(ScriptEngine.class, loader).findFirst().orElseThrow();
            engine.scalar(FIRST, Compatibility.V1_2);
            loader.prepareAll();
            return engine;
        } finally {
            thread.setContextClassLoader(before);
            if (isInterrupted) {
                thread.interrupt();
            }
        }
    }

    /// Makes ready what the classes that are loaded lead to, here where the stack is empty: a class that fails in that, deep in a script, is of no use to any script
    /// that comes after.
    private void prepareAll() {
        Deque<String> open = new ArrayDeque<>(loaded);
        Set<String> met = new HashSet<>(open);
        while (!open.isEmpty()) {
            String name = open.remove();
            try (InputStream in = parent.getResourceAsStream(file(name))) {
                if (in == null) {
                    continue;
                }
                ClassModel model = classes.parse(in.readAllBytes());
                for (PoolEntry entry : model.constantPool()) {
                    if (entry instanceof ClassEntry other) {
                        String led = other.asInternalName().replace('/', '.');
                        if (isCounted(led) && met.add(led)) {
                            open.add(led);
                        }
                    }
                }
                if (model.methods().stream().anyMatch(method -> method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME))) {
                    Class.forName(name, true, this);
                }
            } catch (IOException | ClassNotFoundException | LinkageError | IllegalArgumentException missing) {
                // it needs what is not there, such as for another way to run scripts
            }
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!isCounted(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> before = findLoadedClass(name);
            return before == null ? counted(name) : before;
        }
    }

    private static boolean isCounted(String name) {
        return name.startsWith("org.mozilla.") || name.startsWith("io.conshelf.streams.script.rhino.");
    }

    private static String file(String name) {
        return name.replace('.', '/') + ".class";
    }

    private Class<?> counted(String name) throws ClassNotFoundException {
        try (InputStream in = parent.getResourceAsStream(file(name))) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = counted(in.readAllBytes());
            Class<?> defined = defineClass(name, bytes, 0, bytes.length);
            loaded.add(name);
            return defined;
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private byte[] counted(byte[] bytes) {
        ClassModel model = classes.parse(bytes);
        return classes.transformClass(model, (builder, element) -> {
            if (element instanceof MethodModel method) {
                boolean compares = method.methodType().equalsString(COMPARISON);
                // the loop over instructions counts them by itself
                boolean loops = !method.methodName().equalsString("interpretLoop");
                boolean prepares = method.methodName().equalsString(ConstantDescs.CLASS_INIT_NAME);
                builder.transformMethod(method, MethodTransform.transformingCode(CodeTransform.ofStateful(() -> new Counting(compares, loops, prepares))));
            } else {
                builder.with(element);
            }
        });
    }

    /// Of one method.
    private static final class Counting implements CodeTransform {
        private final boolean compares;
        private final boolean loops;
        private final boolean prepares;
        /// Whoever goes there goes back.
        private final Set<Label> behind = new HashSet<>();

        private Counting(boolean compares, boolean loops, boolean prepares) {
            this.compares = compares;
            this.loops = loops;
            this.prepares = prepares;
        }

        @Override
        public void atStart(CodeBuilder builder) {
            if (prepares) {
                builder.invokestatic(BOUNDS, "prepare", ROUND);
            }
            if (compares) {
                // Java sorts, and loops where no call can be put
                round(builder);
            }
        }

        @Override
        public void accept(CodeBuilder builder, CodeElement element) {
            switch (element) {
                case LabelTarget target -> {
                    if (loops) {
                        behind.add(target.label());
                    }
                    builder.with(element);
                }
                case BranchInstruction branch -> {
                    if (behind.contains(branch.target())) {
                        round(builder);
                    }
                    builder.with(element);
                }
                case TableSwitchInstruction choice -> choice(builder, element, choice.defaultTarget(), choice.cases());
                case LookupSwitchInstruction choice -> choice(builder, element, choice.defaultTarget(), choice.cases());
                case NewReferenceArrayInstruction _, NewPrimitiveArrayInstruction _ -> {
                    builder.dup().invokestatic(BOUNDS, "items", OF_COUNT);
                    builder.with(element);
                }
                case InvokeInstruction call -> call(builder, call);
                case ReturnInstruction _ -> {
                    if (prepares) {
                        builder.invokestatic(BOUNDS, "prepared", ROUND);
                    }
                    builder.with(element);
                }
                default -> builder.with(element);
            }
        }

        private void choice(CodeBuilder builder, CodeElement element, Label otherwise, List<SwitchCase> cases) {
            if (behind.contains(otherwise) || cases.stream().anyMatch(one -> behind.contains(one.target()))) {
                round(builder);
            }
            builder.with(element);
        }

        private static void round(CodeBuilder builder) {
            builder.invokestatic(BOUNDS, "round", ROUND);
        }

        private static void call(CodeBuilder builder, InvokeInstruction call) {
            String owner = call.owner().asInternalName();
            String name = call.name().stringValue();
            String type = call.type().stringValue();
            switch (Made.by(owner, name, type)) {
                case NOTHING -> builder.with(call);
                case ITEMS -> {
                    builder.dup().invokestatic(BOUNDS, "items", OF_COUNT);
                    builder.with(call);
                }
                case TEXT -> {
                    builder.with(call);
                    builder.dup().invokestatic(BOUNDS, "text", OF_TEXT);
                }
                case NUMBER -> {
                    builder.with(call);
                    builder.dup().invokestatic(BOUNDS, "number", OF_NUMBER);
                }
                case SHIFTED -> {
                    builder.dup().invokestatic(BOUNDS, "shift", OF_COUNT);
                    builder.with(call);
                }
                case POWER -> builder.invokestatic(BOUNDS, "power", POWER);
                case DIGITS -> {
                    builder.dup().invokestatic(BOUNDS, "digits", OF_DIGITS);
                    builder.with(call);
                }
                case DIGITS_OF -> {
                    builder.dup2().invokestatic(BOUNDS, "digits", OF_DIGITS_AND_RADIX);
                    builder.with(call);
                }
            }
        }
    }

    /// What a call of Java's own classes makes as large as a script says. What costs as much as the texts it is given is not among it.
    private enum Made {
        NOTHING,
        /// As many as the last argument says.
        ITEMS,
        /// It is the result, or what was constructed.
        TEXT,
        NUMBER,
        SHIFTED,
        POWER,
        /// Read of a text.
        DIGITS,
        /// Of another radix.
        DIGITS_OF;

        static Made by(String owner, String name, String type) {
            return switch (owner) {
                case "java/lang/StringBuilder", "java/lang/StringBuffer" -> type.equals("(I)V") ? ITEMS : name.equals("append") || name.equals("insert") ? TEXT : NOTHING;
                case "java/lang/String" -> name.equals("concat") || name.equals("replace") ? TEXT : NOTHING;
                case "org/mozilla/javascript/ConsString" -> name.equals("<init>") ? TEXT : NOTHING;
                case "java/util/Arrays" -> name.equals("copyOf") && type.contains("I)") ? ITEMS : NOTHING;
                case "java/util/ArrayList", "java/util/HashMap", "java/util/HashSet", "java/util/ArrayDeque", "java/util/LinkedHashMap" ->
                    name.equals("<init>") && type.equals("(I)V") ? ITEMS : NOTHING;
                case "java/math/BigInteger" -> switch (name) {
                    case "multiply", "add", "subtract" -> NUMBER;
                    case "shiftLeft" -> SHIFTED;
                    case "pow" -> POWER;
                    case "<init>" -> type.equals("(Ljava/lang/String;)V") ? DIGITS : type.equals("(Ljava/lang/String;I)V") ? DIGITS_OF : NOTHING;
                    default -> NOTHING;
                };
                default -> NOTHING;
            };
        }
    }
}
