package dev.shoestring.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shoestring.recipe.InputException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Counts against the numbers that the models' authors and Transformers give. */
final class ModelShapeTest {
    private static final String LLAMA = "'model_type':'llama',";

    static ModelShape shape(String json) {
        try {
            return ModelConfigReader.of("test", new ObjectMapper().readTree(json.replace('\'', '"')));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "GPT-2 | 124439808 | {'model_type':'gpt2','n_embd':768,'n_layer':12,'n_head':12,'vocab_size':50257,'n_positions':1024}",
                "Llama-2 7B | 6738415616 | {'model_type':'llama','hidden_size':4096,'num_hidden_layers':32,'num_attention_heads':32,'intermediate_size':11008,'vocab_size':32000}",
                "Llama-3.1 8B | 8030261248 | {'model_type':'llama','hidden_size':4096,'num_hidden_layers':32,'num_attention_heads':32,'num_key_value_heads':8,'intermediate_size':14336,'vocab_size':128256}",
                "TinyLlama | 1100048384 | {'model_type':'llama','hidden_size':2048,'num_hidden_layers':22,'num_attention_heads':32,'num_key_value_heads':4,'intermediate_size':5632,'vocab_size':32000}",
                "Qwen2.5-0.5B | 494032768 | {'model_type':'qwen2','hidden_size':896,'num_hidden_layers':24,'num_attention_heads':14,'num_key_value_heads':2,'intermediate_size':4864,'vocab_size':151936,'tie_word_embeddings':true}",
                "Qwen3-0.6B | 596049920 | {'model_type':'qwen3','hidden_size':1024,'num_hidden_layers':28,'num_attention_heads':16,'num_key_value_heads':8,'head_dim':128,'intermediate_size':3072,'vocab_size':151936,'tie_word_embeddings':true}",
                "Pythia-1B | 1011781632 | {'model_type':'gpt_neox','hidden_size':2048,'num_hidden_layers':16,'num_attention_heads':8,'intermediate_size':8192,'vocab_size':50304}",
                "BLOOM | 176247271424 | {'model_type':'bloom','hidden_size':14336,'n_layer':70,'n_head':112,'vocab_size':250880}",
                "Mixtral 8x7B | 46702792704 | {'model_type':'mixtral','hidden_size':4096,'num_hidden_layers':32,'num_attention_heads':32,'num_key_value_heads':8,'intermediate_size':14336,'vocab_size':32000,'num_local_experts':8,'num_experts_per_tok':2}",
                "DeepSeek-V3 | 671026419200 | {'model_type':'deepseek_v3','hidden_size':7168,'num_hidden_layers':61,'num_attention_heads':128,'intermediate_size':18432,'vocab_size':129280,'n_routed_experts':256,'n_shared_experts':1,'num_experts_per_tok':8,'moe_intermediate_size':2048,'first_k_dense_replace':3,'q_lora_rank':1536,'kv_lora_rank':512,'qk_nope_head_dim':128,'qk_rope_head_dim':64,'v_head_dim':128}",
                "MiniLM | 22565376 | {'model_type':'bert','hidden_size':384,'num_hidden_layers':6,'num_attention_heads':12,'intermediate_size':1536,'vocab_size':30522,'max_position_embeddings':512}"
            })
    void countsEveryParameter(String name, long parameters, String config) {
        assertThat(shape(config).parameters()).as(name).isEqualTo(parameters);
    }

    @Test
    void aTokenMeetsTheActiveExpertsOnly() {
        ModelShape mixtral = shape("{'model_type':'mixtral','hidden_size':4096,'num_hidden_layers':32,"
                + "'num_attention_heads':32,'num_key_value_heads':8,'intermediate_size':14336,'vocab_size':32000,"
                + "'num_local_experts':8,'num_experts_per_tok':2}");
        assertThat(mixtral.activeParameters()).isEqualTo(12_879_925_248L);
    }

    @Test
    void namesAllThatIsMissingOrImpossible() {
        assertThatThrownBy(() -> shape("{" + LLAMA + "'hidden_size':'x','num_attention_heads':32}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("hidden_size: must be a whole number")
                .hasMessageContaining("num_hidden_layers: is missing")
                .hasMessageContaining("intermediate_size: is missing")
                .hasMessageContaining("vocab_size: is missing");
    }

    @Test
    void refusesAnUnknownFamilyByName() {
        assertThatThrownBy(() -> shape("{'model_type':'mamba'}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("\"mamba\"")
                .hasMessageContaining("llama");
    }
}
