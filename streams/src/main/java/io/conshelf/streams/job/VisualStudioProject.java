package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/// Reads `*.asaproj`, a project of MSBuild: `Configure` names files and what they are, `Script` the query.
final class VisualStudioProject {
    private VisualStudioProject() {}

    static ProjectFolder.Listing read(Path file) throws InvalidDefinitionException {
        String shown = file.getFileName().toString();
        try (InputStream content = Files.newInputStream(file)) {
            Document project = parser().parse(content);
            List<ProjectFolder.Entry> entries = new ArrayList<>();
            for (Element configure : elements(project, "Configure")) {
                String path = configure.getAttribute("Include");
                entries.add(new ProjectFolder.Entry(path, text(configure, "SubType").orElse(""), place(shown, "Configure", path)));
            }
            List<Located> queries = elements(project, "Script").stream().map(script -> script.getAttribute("Include"))
                    .map(path -> new Located(shown, "Script", JsonNodeFactory.instance.textNode(path))).toList();
            String name = elements(project, "PropertyGroup").stream().flatMap(group -> text(group, "Name").stream()).findFirst()
                    .orElse(shown.replaceFirst("(?i)\\.asaproj$", ""));
            return new ProjectFolder.Listing(name, entries, queries);
        } catch (SAXParseException notXml) {
            throw new InvalidDefinitionException(List.of(new Problem(shown, "line " + notXml.getLineNumber() + ", column " + notXml.getColumnNumber(),
                    "is not XML: " + notXml.getMessage())));
        } catch (SAXException notXml) {
            throw new InvalidDefinitionException(List.of(new Problem(shown, "", "is not XML: " + notXml.getMessage())));
        } catch (IOException failure) {
            throw new InvalidDefinitionException(List.of(new Problem(shown, "", "cannot be read: " + Project.reason(failure))));
        }
    }

    // A document type can name files of this machine.
    private static javax.xml.parsers.DocumentBuilder parser() {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        try {
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setXIncludeAware(false);
            var parser = factory.newDocumentBuilder();
            parser.setErrorHandler(new Quiet());
            return parser;
        } catch (ParserConfigurationException impossible) {
            throw new AssertionError("the JDK's parser knows these features", impossible);
        }
    }

    private static Located place(String file, String element, String path) {
        return new Located(file, element + "[@Include='" + path + "']", JsonNodeFactory.instance.textNode(path));
    }

    private static List<Element> elements(Document project, String name) {
        NodeList found = project.getElementsByTagNameNS("*", name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    private static Optional<String> text(Element parent, String name) {
        NodeList found = parent.getElementsByTagNameNS("*", name);
        return found.getLength() == 0 ? Optional.empty() : Optional.of(found.item(0).getTextContent().strip());
    }

    /// The parser's own prints on standard error.
    private static final class Quiet implements ErrorHandler {
        @Override
        public void warning(SAXParseException warning) {
            // nothing that a project cannot be read with
        }

        @Override
        public void error(SAXParseException error) throws SAXException {
            throw error;
        }

        @Override
        public void fatalError(SAXParseException error) throws SAXException {
            throw error;
        }
    }
}
