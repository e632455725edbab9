package io.conshelf.kql.function;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// XML as bags: elements by name, several of one name as an array, attributes as `@name`, text beside either as `#text`. Numbers are numbers, as the page
/// of `parse_xml()` shows them. Nothing outside of the text is read.
final class XmlText {
    private static final int LENGTH_MAX = 1 << 20;
    private static final int DEPTH_MAX = 500;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,17})(\\.\\d{1,17})?");

    private static final class Factory {
        static final XMLInputFactory XML = make();

        private static XMLInputFactory make() {
            XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            factory.setProperty(XMLInputFactory.IS_COALESCING, true);
            factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, false);
            return factory;
        }
    }

    private record Element(String name, SequencedMap<String, List<String>> parts, StringBuilder text) {
        void add(String part, String value) {
            parts.computeIfAbsent(part, _ -> new ArrayList<>(1)).add(value);
        }

        String dynamic() {
            String own = text.toString().strip();
            if (parts.isEmpty()) {
                return own.isEmpty() ? DynamicParts.NULL : value(own);
            }
            Map<String, String> bag = new LinkedHashMap<>();
            parts.forEach((part, values) -> bag.put(part, values.size() == 1 ? values.getFirst() : DynamicParts.array(values)));
            if (!own.isEmpty()) {
                bag.put("#text", value(own));
            }
            return DynamicParts.bag(bag);
        }
    }

    private XmlText() {}

    /// Empty for what is no XML, or longer than 1 MB.
    static Optional<String> toDynamic(String xml) {
        if (xml.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        try {
            XMLStreamReader reader = Factory.XML.createXMLStreamReader(new StringReader(xml.strip()));
            Deque<Element> open = new ArrayDeque<>();
            Element whole = new Element("", new LinkedHashMap<>(), new StringBuilder());
            open.push(whole);
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        if (open.size() > DEPTH_MAX) {
                            return Optional.empty();
                        }
                        Element element = new Element(reader.getLocalName(), new LinkedHashMap<>(), new StringBuilder());
                        for (int i = 0; i < reader.getAttributeCount(); i++) {
                            element.add("@" + reader.getAttributeLocalName(i), value(reader.getAttributeValue(i)));
                        }
                        open.push(element);
                    }
                    case XMLStreamConstants.END_ELEMENT -> {
                        Element element = open.pop();
                        open.element().add(element.name, element.dynamic());
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> open.element().text.append(reader.getText());
                    default -> {}
                }
            }
            return whole.parts.isEmpty() ? Optional.empty() : Optional.of(whole.dynamic());
        } catch (XMLStreamException notXml) {
            return Optional.empty();
        }
    }

    private static String value(String text) {
        return NUMBER.matcher(text).matches() ? text : DynamicText.ofString(text);
    }
}
