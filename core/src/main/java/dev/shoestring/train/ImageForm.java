package dev.shoestring.train;

import dev.shoestring.data.ImageStore;
import dev.shoestring.models.ImageConfig;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.ImageOperators;
import dev.shoestring.tensor.Tensor;
import java.nio.ByteBuffer;

/** Makes what a network sees of a store's bytes: its number of channels, its size, its normalization. */
public record ImageForm(ImageStore store, ImageConfig config) {
    // B batch, C channels, H height, W width

    /** Pixels from 0 to 1, (B, C, H, W) with the network's channels and the store's size. */
    public Tensor pixels(ByteBuffer bytes, int images) {
        int size = store.size();
        Tensor x_BHWC = Tensor.ofBytes(bytes, DType.UINT8, images, size, size, store.channels());
        Tensor x_BCHW = x_BHWC.permute(0, 3, 1, 2).to(DType.FLOAT32).mul(1 / 255.0);
        if (store.channels() == config.channels()) {
            return x_BCHW.contiguous();
        }
        return store.channels() == 1
                ? x_BCHW.expand(-1, config.channels(), -1, -1).contiguous()
                : x_BCHW.meanKept(1);
    }

    /** Brings pixels to a size and normalizes them. */
    public Tensor normalized(Tensor x_BCHW, int size) {
        Tensor x = x_BCHW;
        if (x.size(2) > size) {
            x = ImageOperators.areaResize(x, size, size);
        } else if (x.size(2) < size) {
            x = ImageOperators.bilinearResize(x, size, size);
        }
        return x.sub(channel(config.mean()))
                .div(channel(config.standardDeviation()))
                .channelsLast();
    }

    private static Tensor channel(java.util.List<Double> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return Tensor.of(floats, 1, floats.length, 1, 1);
    }

    /** The bytes of some images of the store. */
    public ByteBuffer gather(int[] images) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(images.length, store.bytes()));
        for (int image : images) {
            store.copy(image, bytes);
        }
        return bytes.flip();
    }
}
