package io.conshelf.streams.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ServiceJson;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobSecretsTest {
    private static final String STORED = """
            {"type": "Stream", "datasource": {"type": "Kafka", "properties": {"bootstrapServers": "ours:9093", "topicName": "t", "securityProtocol": "SaslSsl",
            "saslMechanism": "ScramSha512", "username": "reader", "password": "hidden",
            "storageAccounts": [{"accountName": "store", "accountKey": "hidden"}]}}}""";

    private static String merged(String datasource) throws JsonProcessingException {
        return JobSecrets.merged(object(STORED), object("{\"datasource\": " + datasource + "}")).toString();
    }

    private static ObjectNode object(String json) throws JsonProcessingException {
        return (ObjectNode) ServiceJson.MAPPER.readTree(json);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"properties\": {\"bootstrapServers\": \"theirs:9092\", @}}",
        "{\"properties\": {\"BOOTSTRAPSERVERS\": \"theirs:9092\", @}}",
        "{\"Properties\": {\"bootstrapservers\": \"theirs:9092\", @}}",
        "{\"properties\": {\"securityProtocol\": \"Plaintext\", @}}",
        "{\"properties\": {\"SecurityProtocol\": null, @}}",
        "{\"properties\": {\"saslMechanism\": \"Plain\", @}}",
        "{\"properties\": {\"tls\": false, @}}",
        "{\"properties\": {\"broker\": \"theirs\", @}}",
        "{\"properties\": {\"userName\": \"other\", @}}",
        "{\"Type\": \"Mqtt\", \"properties\": {@}}"})
    void aSecretIsNotSentElsewhere(String datasource) throws JsonProcessingException {
        assertThat(merged(datasource.replace("@", "\"storageAccounts\": [{\"ACCOUNTNAME\": \"theirs\"}]"))).doesNotContain("hidden");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"properties\": {\"topicName\": \"u\"}}",
        "{\"TYPE\": \"kafka\", \"PROPERTIES\": {\"BootstrapServers\": \"ours:9093\", \"password\": null}}"})
    void aSecretStaysWhereNothingLeadsElsewhere(String datasource) throws JsonProcessingException {
        assertThat(merged(datasource)).contains("\"password\":\"hidden\"", "\"accountKey\":\"hidden\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"accountName", "AccountName"})
    void theKeyOfAnAccountStaysWithItsName(String name) throws JsonProcessingException {
        String datasource = "{\"properties\": {\"storageAccounts\": [{\"@\": \"theirs\"}, {\"@\": \"store\"}]}}";
        assertThat(merged(datasource.replace("@", name))).containsOnlyOnce("accountKey");
    }
}
