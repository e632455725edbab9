package io.conshelf.server.storage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;

/// Writes an XML answer, and reads the small documents that clients send.
final class Xml {
    /// A leaf element of a document, in order; nesting is left out, as no document here needs it.
    record Leaf(String name, String text) {}

    private static final XMLOutputFactory OUTPUT = XMLOutputFactory.newDefaultFactory();
    private static final XMLInputFactory INPUT = XMLInputFactory.newDefaultFactory();

    static {
        INPUT.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        INPUT.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        INPUT.setProperty(XMLInputFactory.IS_COALESCING, true);
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final XMLStreamWriter out;

    Xml() {
        try {
            out = OUTPUT.createXMLStreamWriter(bytes, StandardCharsets.UTF_8.name());
            out.writeStartDocument(StandardCharsets.UTF_8.name(), "1.0");
        } catch (XMLStreamException e) {
            throw inMemory(e);
        }
    }

    Xml open(String element) {
        try {
            out.writeStartElement(element);
            return this;
        } catch (XMLStreamException e) {
            throw inMemory(e);
        }
    }

    Xml attribute(String name, String value) {
        try {
            out.writeAttribute(name, value);
            return this;
        } catch (XMLStreamException e) {
            throw inMemory(e);
        }
    }

    Xml leaf(String element, String text) {
        try {
            out.writeStartElement(element);
            out.writeCharacters(text);
            out.writeEndElement();
            return this;
        } catch (XMLStreamException e) {
            throw inMemory(e);
        }
    }

    Xml leafUnlessEmpty(String element, String text) {
        return text.isEmpty() ? this : leaf(element, text);
    }

    Xml close() {
        try {
            out.writeEndElement();
            return this;
        } catch (XMLStreamException e) {
            throw inMemory(e);
        }
    }

    byte[] bytes() {
        try {
            out.writeEndDocument();
            out.close();
            return bytes.toByteArray();
        } catch (XMLStreamException e) {
            throw inMemory(e);
        }
    }

    /// The leaves below the root, which must be the element named.
    static List<Leaf> leaves(byte[] document, String root) {
        try {
            XMLStreamReader in = INPUT.createXMLStreamReader(new ByteArrayInputStream(document));
            try {
                in.nextTag();
                if (!in.getLocalName().equals(root)) {
                    throw invalid("its root is '%s'; '%s' is expected".formatted(in.getLocalName(), root));
                }
                return leaves(in);
            } finally {
                in.close();
            }
        } catch (XMLStreamException e) {
            throw invalid("line %d, column %d can't be read".formatted(
                    e.getLocation() == null ? 1 : e.getLocation().getLineNumber(),
                    e.getLocation() == null ? 1 : e.getLocation().getColumnNumber()));
        }
    }

    private static List<Leaf> leaves(XMLStreamReader in) throws XMLStreamException {
        List<Leaf> leaves = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        boolean isLeaf = false;
        while (in.hasNext()) {
            switch (in.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    text.setLength(0);
                    isLeaf = true;
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> text.append(in.getText());
                case XMLStreamConstants.END_ELEMENT -> {
                    if (isLeaf) {
                        leaves.add(new Leaf(in.getLocalName(), text.toString()));
                    }
                    isLeaf = false;
                }
                case XMLStreamConstants.DTD -> throw invalid("document type declarations are not allowed");
                default -> {} // comments and processing instructions
            }
        }
        return leaves;
    }

    private static StorageException invalid(String why) {
        return new StorageException(StorageCode.INVALID_XML_DOCUMENT, "The request's XML is not valid: " + why + ".");
    }

    private static AssertionError inMemory(XMLStreamException e) {
        return new AssertionError("writing to memory does not fail", e);
    }
}
