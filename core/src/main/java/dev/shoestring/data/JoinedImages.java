package dev.shoestring.data;

import dev.shoestring.recipe.InputException;
import java.nio.ByteBuffer;
import java.util.List;

/** Several stores of the same size one after the other. */
record JoinedImages(List<ImageStore> parts) implements ImageStore {
    JoinedImages {
        parts = List.copyOf(parts);
        ImageStore first = parts.get(0);
        for (ImageStore part : parts) {
            if (part.size() != first.size() || part.channels() != first.channels()) {
                throw new InputException("data: training images have " + first.size() + " × " + first.size()
                        + " pixels, held-out ones " + part.size() + " × " + part.size() + "; they must be of one size");
            }
        }
    }

    @Override
    public int count() {
        return parts.stream().mapToInt(ImageStore::count).sum();
    }

    @Override
    public int size() {
        return parts.get(0).size();
    }

    @Override
    public int channels() {
        return parts.get(0).channels();
    }

    @Override
    public void copy(int image, ByteBuffer target) {
        int left = image;
        for (ImageStore part : parts) {
            if (left < part.count()) {
                part.copy(left, target);
                return;
            }
            left -= part.count();
        }
        throw new IndexOutOfBoundsException(image);
    }
}
