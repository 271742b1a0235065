package dev.shoestring.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.shoestring.Close;
import dev.shoestring.RealModel;
import dev.shoestring.data.Encoded;
import dev.shoestring.data.LabelledText;
import dev.shoestring.data.TokenBatch;
import dev.shoestring.data.WordNetDefinitions;
import dev.shoestring.hub.ModelFiles;
import dev.shoestring.hub.Models;
import dev.shoestring.nn.Dropout;
import dev.shoestring.nn.Mode;
import dev.shoestring.nn.ParameterStore;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import dev.shoestring.text.Tokenizer;
import java.io.IOException;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The whole chain from {@code maven:} reference to hidden states, against ONNX Runtime on the same file. */
final class MiniLmParityTest {
    private static final int SENTENCES = 200;
    private static final int BATCH = 20;

    @Test
    void hiddenStatesEqualOnnxRuntimes() throws IOException, OrtException {
        List<LabelledText> definitions = WordNetDefinitions.read(RealModel.wordNet());
        try (ModelFiles files = Models.open(RealModel.REFERENCE, (what, done, total) -> {});
                Tokenizer tokenizer = Tokenizer.from(files.tokenizerJson(), files.source());
                ParameterStore store = new ParameterStore(name -> load(files, name), 0);
                OrtEnvironment environment = OrtEnvironment.getEnvironment();
                OrtSession session = environment.createSession(RealModel.onnx())) {
            BertConfig config = BertConfig.of(files.config(), files.source());
            Bert model = new Bert(config, 2, store, new Dropout(0, 0));
            int stride = definitions.size() / SENTENCES;
            for (int from = 0; from < SENTENCES; from += BATCH) {
                List<Encoded> rows = new ArrayList<>();
                for (int i = from; i < from + BATCH; i++) {
                    rows.add(new Encoded(
                            tokenizer.encode(definitions.get(i * stride).text(), 128), 0));
                }
                TokenBatch batch = TokenBatch.of(rows, tokenizer.padId());
                compare(model, session, environment, batch);
            }
        }
    }

    private static void compare(Bert model, OrtSession session, OrtEnvironment environment, TokenBatch batch)
            throws OrtException {
        long[] shape = {batch.size(), batch.maxLength()};
        long[] ids = Arrays.stream(batch.ids()).asLongStream().toArray();
        long[] mask = new long[ids.length];
        for (int row = 0; row < batch.size(); row++) {
            Arrays.fill(mask, row * batch.maxLength(), row * batch.maxLength() + batch.lengths()[row], 1);
        }
        float[][][] expected;
        try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
                OnnxTensor maskTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
                OnnxTensor typeTensor =
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[ids.length]), shape);
                OrtSession.Result result = session.run(
                        Map.of("input_ids", idTensor, "attention_mask", maskTensor, "token_type_ids", typeTensor))) {
            expected = (float[][][]) result.get(0).getValue();
        }
        try (TensorScope scope = TensorScope.open();
                NoGrad guard = NoGrad.on()) {
            BertInput input = BertInput.of(batch);
            Tensor hidden_BTD = model.hidden(input.ids_BT(), input.bias_B11T(), Mode.EVALUATE);
            float[] all = hidden_BTD.toFloats();
            int width = all.length / ids.length;
            for (int row = 0; row < batch.size(); row++) {
                for (int token = 0; token < batch.lengths()[row]; token++) {
                    int at = (row * batch.maxLength() + token) * width;
                    Close.absolute(
                            "hidden state of token " + token,
                            Arrays.copyOfRange(all, at, at + width),
                            expected[row][token]);
                }
            }
            assertThat(width).isEqualTo(384);
        }
    }

    private static @org.jspecify.annotations.Nullable Tensor load(ModelFiles files, String name) {
        String own = name.replaceFirst("^bert\\.", "");
        var info = files.weights().tensors().get(own);
        if (info == null) {
            assertThat(name).matches("(bert\\.pooler|classifier)\\..*");
            return null;
        }
        return Tensor.ofBytes(
                files.weights().read(own),
                DType.FLOAT32,
                info.shape().stream().mapToLong(Long::longValue).toArray());
    }
}
