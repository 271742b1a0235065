package dev.shoestring.models;

import dev.shoestring.nn.Mode;
import dev.shoestring.tensor.Tensor;
import java.util.List;

/** A network that tells what an image shows. */
public interface ImageNetwork {
    /** What the classifier sees of images: (B, C, H, W), normalized, gives (B, F). */
    Tensor features(Tensor x_BCHW, Mode mode);

    /** Class scores from features: (B, F) gives (B, classes). */
    Tensor classify(Tensor x_BF);

    /** Class scores of images: (B, C, H, W), normalized, gives (B, classes). */
    default Tensor logits(Tensor x_BCHW, Mode mode) {
        return classify(features(x_BCHW, mode));
    }

    /** The prefixes of the parameters of each stage, from the image to the classifier, which is the last stage. */
    List<List<String>> stages();
}
