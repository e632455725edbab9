package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import javax.xml.xpath.XPathEvaluationResult;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import javax.xml.xpath.XPathNodes;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/// XML values of expressions: text outside, a document while it is worked on. Attributes are `@name`, text beside them is `#text`.
final class Xml {
    private Xml() {}

    static String fromJson(Arguments a) {
        if (a.value(0).isTextual() && a.text(0).stripLeading().startsWith("<")) {
            // Kept as it is, so that its declaration survives a way through json().
            parse(a, a.text(0));
            return a.text(0);
        }
        JsonNode value = ConversionFunctions.json(a);
        List<Map.Entry<String, JsonNode>> roots = value.properties().stream().filter(p -> !p.getKey().startsWith("?")).toList();
        if (roots.size() != 1 || roots.getFirst().getValue().isArray()) {
            throw a.failure(0, "expects an object with one root property that is not an array, found " + roots.size() + " properties");
        }
        Document document = builder(a).newDocument();
        document.appendChild(element(a, document, roots.getFirst().getKey(), roots.getFirst().getValue()));
        return declaration(value.path("?xml")) + print(a, document);
    }

    private static String declaration(JsonNode stated) {
        StringBuilder attributes = new StringBuilder();
        stated.properties().forEach(p -> attributes.append(' ').append(p.getKey().substring(1)).append("=\"").append(p.getValue().asText()).append('"'));
        return attributes.isEmpty() ? "" : "<?xml" + attributes + "?>";
    }

    private static Element element(Arguments a, Document document, String name, JsonNode value) {
        Element element;
        try {
            element = document.createElement(name);
        } catch (org.w3c.dom.DOMException badName) {
            throw a.failure(0, "cannot make an XML element of the property name '" + name + "'");
        }
        if (!value.isObject()) {
            element.setTextContent(value.isNull() ? "" : value.isBoolean() ? value.asText() : Evaluator.text(value));
            return element;
        }
        for (Map.Entry<String, JsonNode> property : value.properties()) {
            String key = property.getKey();
            if (key.startsWith("@")) {
                element.setAttribute(key.substring(1), property.getValue().asText());
            } else if (key.equals("#text")) {
                element.appendChild(document.createTextNode(property.getValue().asText()));
            } else if (property.getValue() instanceof ArrayNode items) {
                items.forEach(item -> element.appendChild(element(a, document, key, item)));
            } else {
                element.appendChild(element(a, document, key, property.getValue()));
            }
        }
        return element;
    }

    static JsonNode toJson(Arguments a, String text) {
        Document document = parse(a, text);
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        if (text.stripLeading().startsWith("<?xml")) {
            ObjectNode declaration = result.putObject("?xml").put("@version", document.getXmlVersion());
            if (document.getXmlEncoding() != null) {
                declaration.put("@encoding", document.getXmlEncoding());
            }
        }
        result.set(document.getDocumentElement().getNodeName(), content(document.getDocumentElement()));
        return result;
    }

    private static JsonNode content(Element element) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < element.getAttributes().getLength(); i++) {
            Attr attribute = (Attr) element.getAttributes().item(i);
            object.put("@" + attribute.getName(), attribute.getValue());
        }
        Map<String, List<JsonNode>> children = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder();
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element inner) {
                children.computeIfAbsent(inner.getNodeName(), _ -> new ArrayList<>()).add(content(inner));
            } else if (child.getNodeType() == Node.TEXT_NODE || child.getNodeType() == Node.CDATA_SECTION_NODE) {
                text.append(child.getNodeValue());
            }
        }
        boolean hasText = !text.toString().isBlank();
        if (object.isEmpty() && children.isEmpty()) {
            return hasText ? StringFunctions.text(text.toString()) : NullNode.instance;
        }
        if (hasText) {
            object.put("#text", text.toString());
        }
        children.forEach((name, values) -> object.set(name,
                values.size() == 1 ? values.getFirst() : JsonNodeFactory.instance.arrayNode().addAll(values)));
        return object;
    }

    static JsonNode select(Arguments a, String text, String path) {
        try {
            XPathEvaluationResult<?> found = XPathFactory.newInstance().newXPath().evaluateExpression(path, parse(a, text));
            return switch (found.value()) {
                case XPathNodes nodes -> {
                    ArrayNode values = JsonNodeFactory.instance.arrayNode();
                    for (Node node : nodes) {
                        values.add(node instanceof Element ? StringFunctions.text(print(a, node)) : StringFunctions.text(node.getNodeValue()));
                    }
                    yield values.size() == 1 ? values.get(0) : values;
                }
                case Boolean flag -> BooleanNode.valueOf(flag);
                case Number number when number.doubleValue() == Math.rint(number.doubleValue()) -> LongNode.valueOf(number.longValue());
                case Number number -> DoubleNode.valueOf(number.doubleValue());
                case Object other -> StringFunctions.text(other.toString());
            };
        } catch (XPathExpressionException badPath) {
            throw a.failure(1, "cannot evaluate the path '" + path + "': " + badPath.getMessage());
        }
    }

    private static Document parse(Arguments a, String text) {
        try {
            DocumentBuilder builder = builder(a);
            builder.setErrorHandler(null);
            return builder.parse(new InputSource(new StringReader(text)));
        } catch (SAXException notXml) {
            throw a.failure(0, "expects XML text: " + notXml.getMessage());
        } catch (IOException impossible) {
            throw new AssertionError("reading from text failed", impossible);
        }
    }

    private static DocumentBuilder builder(Arguments a) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            // Documents come from outside: no entity of theirs may read a file or an address.
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder();
        } catch (ParserConfigurationException missing) {
            throw a.failure("needs the XML parser of the JDK: " + missing.getMessage());
        }
    }

    private static String print(Arguments a, Node node) {
        try {
            Transformer transformer = TransformerFactory.newInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            StringWriter text = new StringWriter();
            transformer.transform(new DOMSource(node), new StreamResult(text));
            return text.toString();
        } catch (TransformerException failure) {
            throw a.failure("cannot print the XML: " + failure.getMessage());
        }
    }
}
