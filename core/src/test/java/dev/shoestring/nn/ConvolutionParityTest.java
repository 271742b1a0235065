package dev.shoestring.nn;

import dev.shoestring.Close;
import dev.shoestring.tensor.Autocast;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Convolutions as the networks have them against LibTorch's own in double precision, which takes other kernels: values and both
 * gradients, because oneDNN's are wrong for some shapes on some processors.
 */
final class ConvolutionParityTest {
    private static final int[] CHANNELS = {1, 3, 8, 16, 24, 32, 56, 64, 112, 160, 336};
    private static final int[] OUT = {8, 24, 64, 112, 320, 1280};
    private static final int[] SIZES = {2, 4, 7, 14};
    private static final long LARGEST = 2_000_000;

    @ParameterizedTest
    @CsvSource({"1, 1, false", "1, 2, false", "2, 1, false", "3, 1, false", "3, 2, false", "3, 1, true", "3, 2, true"})
    void valuesAndGradientsAreThoseOfDoublePrecision(int kernel, int stride, boolean depthwise) {
        for (int in : CHANNELS) {
            for (int out : depthwise ? new int[] {in} : OUT) {
                for (int size : SIZES) {
                    if ((long) in * out * size * size * kernel * kernel < LARGEST) {
                        compare(kernel, stride, in, out, depthwise ? in : 1, size);
                    }
                }
            }
        }
    }

    /** ResNet's and the vision transformer's first layers. */
    @ParameterizedTest
    @CsvSource({"7, 2, 3, 64, 32", "16, 16, 3, 192, 32"})
    void firstLayersToo(int kernel, int stride, int in, int out, int size) {
        compare(kernel, stride, in, out, 1, size);
    }

    private static void compare(int kernel, int stride, int in, int out, int groups, int size) {
        Conv2d.Settings settings =
                new Conv2d.Settings(in, out, kernel, stride, groups, Conv2d.Padding.SYMMETRIC, false);
        String what = settings + " of " + size;
        try (TensorScope scope = TensorScope.open();
                ParameterStore store = ParameterStore.fresh(in + 31L * out)) {
            Conv2d convolution = new Conv2d(store, "c", settings);
            Tensor weight = convolution.weight();
            Tensor x = Tensor.zeros(DType.FLOAT32, 8, in, size, size).fillNormal(0, 1);
            Tensor x64 = x.to(DType.FLOAT64).requiresGrad(true);
            Tensor w64 = weight.detach().to(DType.FLOAT64).requiresGrad(true);
            Tensor y64 = ImageOperators.conv2d(x64, w64, null, stride, kernel / 2, groups);
            Tensor upstream = Tensor.zeros(DType.FLOAT32, y64.shape()).fillNormal(0, 1);
            Map<String, float[]> expected = measured(y64, x64, w64, upstream);

            Tensor input = x.channelsLast().detach().requiresGrad(true);
            measured(convolution.forward(input), input, weight, upstream)
                    .forEach((name, actual) -> Close.fp32Norm(name + " of " + what, actual, expected.get(name)));
            input.clearGrad();
            weight.clearGrad();
            try (Autocast narrow = Autocast.to(DType.BFLOAT16)) {
                measured(convolution.forward(input), input, weight, upstream)
                        .forEach((name, actual) ->
                                Close.bf16Norm(name + " in bf16 of " + what, actual, expected.get(name)));
            }
        }
    }

    private static Map<String, float[]> measured(Tensor y, Tensor x, Tensor weight, Tensor upstream) {
        y.mul(upstream.to(y.dtype())).sum().backward();
        Map<String, float[]> results = new LinkedHashMap<>();
        results.put("values", floats(y));
        // One channel is the image itself, whose gradient nobody asks for, and for which oneDNN's is wrong.
        if (x.size(1) > 1) {
            results.put("dx", floats(Objects.requireNonNull(x.grad())));
        }
        results.put("dw", floats(Objects.requireNonNull(weight.grad())));
        return results;
    }

    private static float[] floats(Tensor tensor) {
        return tensor.detach().to(DType.FLOAT32).contiguous().toFloats();
    }
}
