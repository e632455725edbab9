package io.conshelf.streams.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

/// Templates in Bicep, by the rules of its texts and names.
class BicepTextTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void textsAndNamesAreWrittenAsTheLanguageTakesThem() throws Exception {
        ObjectNode template = (ObjectNode) JSON.readTree("""
                {"parameters": {"Inputs_a b_Key": {"type": "securestring"}, "Inputs_a-b_Key": {"type": "string"}, "Units": {"type": "int"}},
                 "resources": [{"type": "T/jobs", "apiVersion": "2021", "name": "[parameters('Inputs_a b_Key')]", "tags": {"x-y": "it's ${me} \\\\", "n": 1.5},
                   "properties": {"units": "[parameters('Units')]", "other": "[parameters('Inputs_a-b_Key')]", "query": "SELECT 'a'\\nFROM [in]", "bracket": "[[in]",
                     "quotes": "'''\\n", "end": "a\\n'", "list": [1, true, null], "none": [], "empty": {}}}]}""");
        ObjectNode parameters = (ObjectNode) JSON.readTree("""
                {"parameters": {"Inputs_a b_Key": {"value": null}, "Inputs_a-b_Key": {"value": "k"}, "Units": {"value": 3}}}""");
        BicepText.Written written = BicepText.of(new JobExport.Built(template, parameters));
        assertThat(written.text()).isEqualTo("""
                @secure()
                param Inputs_a_b_Key string
                param Inputs_a_b_Key_2 string
                param Units int

                resource job 'T/jobs@2021' = {
                  name: Inputs_a_b_Key
                  tags: {
                    'x-y': 'it\\'s \\${me} \\\\'
                    n: json('1.5')
                  }
                  properties: {
                    units: Units
                    other: Inputs_a_b_Key_2
                    query: '''
                SELECT 'a'
                FROM [in]'''
                    bracket: '[in]'
                    quotes: '\\'\\'\\'\\n'
                    end: 'a\\n\\''
                    list: [
                      1
                      true
                      null
                    ]
                    none: []
                    empty: {}
                  }
                }
                """);
        assertThat(written.parameters().path("parameters").path("Inputs_a_b_Key_2").path("value").asText()).isEqualTo("k");
    }
}
