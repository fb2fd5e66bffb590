// SPDX-License-Identifier: Apache-2.0
package io.converttoken.keycloak.internals;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a class file refers to, and what others copy from it (Java Virtual Machine Specification, 4.4 and 4.7.2).
 *
 * @param references fields and methods that it uses
 * @param texts its string constants
 * @param constants values of its fields that are constants, by name
 */
record ClassFile(Set<Reference> references, List<String> texts, Map<String, String> constants) {

    private static final int TEXT = 1;
    private static final int INTEGER = 3;
    private static final int FLOAT = 4;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int FIELD = 9;
    private static final int METHOD = 10;
    private static final int INTERFACE_METHOD = 11;
    private static final int NAME_AND_TYPE = 12;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int DYNAMIC = 17;
    private static final int INVOKE_DYNAMIC = 18;

    /** A field or method, by the class in which it is looked for first. */
    record Reference(String owner, String name, String descriptor) {

        boolean isField() {
            return !descriptor.startsWith("(");
        }
    }

    private record Entry(int tag, int first, int second, String text) {}

    static ClassFile of(byte[] content) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
            in.skipBytes(8);
            List<Entry> pool = entries(in);
            return of(pool, constants(in, pool));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> constants(DataInputStream in, List<Entry> pool) throws IOException {
        Map<String, String> constants = new TreeMap<>();
        in.skipBytes(6);
        in.skipBytes(2 * in.readUnsignedShort());
        for (int fields = in.readUnsignedShort(); fields > 0; fields--) {
            in.skipBytes(2);
            String name = pool.get(in.readUnsignedShort()).text;
            in.skipBytes(2);
            for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
                boolean isConstant = pool.get(in.readUnsignedShort()).text.equals("ConstantValue");
                int length = in.readInt();
                if (isConstant) {
                    constants.put(name, value(pool, pool.get(in.readUnsignedShort())));
                } else {
                    in.skipBytes(length);
                }
            }
        }
        return constants;
    }

    private static String value(List<Entry> pool, Entry constant) {
        return constant.tag == STRING ? pool.get(constant.first).text : constant.first + " " + constant.second;
    }

    private static ClassFile of(List<Entry> pool, Map<String, String> constants) {
        Set<Reference> references = new LinkedHashSet<>();
        List<String> texts = new ArrayList<>();
        for (Entry entry : pool) {
            if (entry.tag == STRING) {
                texts.add(pool.get(entry.first).text);
            } else if (entry.tag == FIELD || entry.tag == METHOD || entry.tag == INTERFACE_METHOD) {
                Entry nameAndType = pool.get(entry.second);
                references.add(new Reference(
                        pool.get(pool.get(entry.first).first).text.replace('/', '.'),
                        pool.get(nameAndType.first).text,
                        pool.get(nameAndType.second).text));
            }
        }
        return new ClassFile(references, texts, constants);
    }

    private static List<Entry> entries(DataInputStream in) throws IOException {
        Entry none = new Entry(0, 0, 0, "");
        List<Entry> pool = new ArrayList<>(List.of(none));
        int count = in.readUnsignedShort();
        while (pool.size() < count) {
            Entry entry = entry(in);
            pool.add(entry);
            if (entry.tag == LONG || entry.tag == DOUBLE) {
                pool.add(none);
            }
        }
        return pool;
    }

    private static Entry entry(DataInputStream in) throws IOException {
        int tag = in.readUnsignedByte();
        return switch (tag) {
            case TEXT -> new Entry(tag, 0, 0, in.readUTF());
            case INTEGER, FLOAT -> new Entry(tag, in.readInt(), 0, "");
            case LONG, DOUBLE -> new Entry(tag, in.readInt(), in.readInt(), "");
            case CLASS, STRING, METHOD_TYPE -> new Entry(tag, in.readUnsignedShort(), 0, "");
            case FIELD, METHOD, INTERFACE_METHOD, NAME_AND_TYPE, DYNAMIC, INVOKE_DYNAMIC ->
                new Entry(tag, in.readUnsignedShort(), in.readUnsignedShort(), "");
            case METHOD_HANDLE -> new Entry(tag, in.readUnsignedByte(), in.readUnsignedShort(), "");
            default -> throw new IOException("Unknown constant: " + tag);
        };
    }
}
