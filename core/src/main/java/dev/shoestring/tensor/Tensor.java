package dev.shoestring.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A multidimensional array in native memory, with LibTorch's operators under the field's names. A tensor that is born while a
 * {@link TensorScope} is open is freed with it; see there. Dimensions may be negative: −1 is the last.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Tensor implements AutoCloseable {
    private final org.bytedeco.pytorch.Tensor handle;
    private final long bytes;
    private String name = "";
    private @Nullable TensorScope scope;
    private int slot;
    private boolean freed;

    private Tensor(org.bytedeco.pytorch.Tensor handle) {
        this.handle = handle;
        this.bytes = handle.nbytes();
        LiveTensors.born(bytes);
        TensorScope.register(this);
    }

    static Tensor wrap(org.bytedeco.pytorch.Tensor handle) {
        return new Tensor(handle);
    }

    org.bytedeco.pytorch.Tensor handle() {
        if (freed) {
            throw new IllegalStateException("tensor " + (name.isEmpty() ? "(unnamed)" : name)
                    + " is used after its scope closed; keep it, or move the use inside");
        }
        return handle;
    }

    // ---- making tensors

    /** Zeros of the given shape. */
    public static Tensor zeros(DType type, long... shape) {
        try (TensorOptions options = options(type)) {
            return wrap(torch.torch_zeros(shape, options));
        }
    }

    private static TensorOptions options(DType type) {
        TensorOptions onHost = new TensorOptions(type.nativeType());
        if (!Device.isElsewhere()) {
            return onHost;
        }
        try (onHost;
                org.bytedeco.pytorch.Device device =
                        new org.bytedeco.pytorch.Device(Device.current().nativeType());
                DeviceOptional there = new DeviceOptional(device)) {
            return onHost.device(there);
        }
    }

    /** Zeros in the host's memory, for Java to write to. */
    private static Tensor onHost(DType type, long... shape) {
        try (TensorOptions options = new TensorOptions(type.nativeType())) {
            return wrap(torch.torch_zeros(shape, options));
        }
    }

    /** On the device in use; itself if it is there. */
    private Tensor moved() {
        if (!Device.isElsewhere()) {
            return this;
        }
        try (org.bytedeco.pytorch.Device device =
                new org.bytedeco.pytorch.Device(Device.current().nativeType())) {
            Tensor there = wrap(handle().to(device, dtype().nativeType()));
            close();
            return there;
        }
    }

    /** In the host's memory; itself if it is there. */
    private Tensor fetched() {
        return handle().is_cpu() ? this : wrap(handle().cpu());
    }

    /** Memory for the given shape with nothing written to it: write before you read. */
    public static Tensor uninitialized(DType type, long... shape) {
        try (TensorOptions options = options(type);
                MemoryFormatOptional format = new MemoryFormatOptional()) {
            return wrap(torch.torch_empty(shape, options, format));
        }
    }

    /** {@code value} everywhere, as float32. */
    public static Tensor full(double value, long... shape) {
        return zeros(DType.FLOAT32, shape).fill(value);
    }

    /** A float32 tensor with a copy of {@code values} in row-major order. */
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = onHost(DType.FLOAT32, shape);
        tensor.requireElements(values.length);
        tensor.bytesBuffer().asFloatBuffer().put(values);
        return tensor.moved();
    }

    /** An int64 tensor with a copy of {@code values} in row-major order. */
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = onHost(DType.INT64, shape);
        tensor.requireElements(values.length);
        tensor.bytesBuffer().asLongBuffer().put(values);
        return tensor.moved();
    }

    /** An int64 tensor with a copy of {@code values} in row-major order. */
    public static Tensor of(int[] values, long... shape) {
        return of(Arrays.stream(values).asLongStream().toArray(), shape);
    }

    /**
     * A tensor with a copy of raw little-endian elements.
     *
     * @throws IllegalArgumentException if the buffer's length is not that of the shape
     */
    public static Tensor ofBytes(ByteBuffer source, DType type, long... shape) {
        Tensor tensor = onHost(type, shape);
        if (source.remaining() != tensor.bytes) {
            throw new IllegalArgumentException(source.remaining() + " bytes given for a " + type + " tensor of shape "
                    + Arrays.toString(shape) + " (" + tensor.bytes + " bytes)");
        }
        tensor.bytesBuffer().put(source.duplicate());
        return tensor.moved();
    }

    /**
     * The bytes of a file, mapped into memory and read only when they are looked at; a write changes a private copy of the page.
     *
     * @param bytes length of the file
     */
    public static Tensor mapped(String file, long bytes) {
        try (BoolOptional privately = new BoolOptional(false);
                LongOptional length = new LongOptional(bytes);
                TensorOptions options = new TensorOptions(DType.UINT8.nativeType())) {
            return wrap(torch.from_file(file, privately, length, options));
        }
    }

    /**
     * These bytes as elements of another type, of that shape; a view, whose start must be aligned to the type, or on another device than
     * the host a copy.
     */
    public Tensor viewAs(DType type, long... shape) {
        try (org.bytedeco.pytorch.Tensor typed = handle().view(type.nativeType())) {
            return wrap(typed.view(shape)).moved();
        }
    }

    /** Joins tensors along {@code dim}. */
    public static Tensor cat(List<Tensor> tensors, long dim) {
        try (TensorVector vector = vector(tensors)) {
            return wrap(torch.cat(vector, dim));
        }
    }

    static TensorVector vector(List<Tensor> tensors) {
        return new TensorVector(tensors.stream().map(Tensor::handle).toArray(org.bytedeco.pytorch.Tensor[]::new));
    }

    // ---- what it is

    /** Names the tensor for messages. Returns this. */
    public Tensor named(String newName) {
        this.name = newName;
        return this;
    }

    /** The name given, or an empty string. */
    public String name() {
        return name;
    }

    /** Sizes of all dimensions. */
    public long[] shape() {
        org.bytedeco.pytorch.Tensor native_ = handle();
        long[] sizes = new long[(int) native_.dim()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = native_.size(i);
        }
        return sizes;
    }

    /** Size of one dimension. */
    public long size(long dim) {
        return handle().size(dim);
    }

    /** Number of dimensions. */
    public int dim() {
        return (int) handle().dim();
    }

    /** Number of elements. */
    public long numel() {
        return handle().numel();
    }

    /** Element type. */
    public DType dtype() {
        return DType.of(handle().scalar_type());
    }

    /** Where its values are. */
    public Device device() {
        return handle().is_cpu() ? Device.CPU : handle().is_meta() ? Device.META : Device.CUDA;
    }

    /** Whether gradients are recorded for it. */
    public boolean requiresGrad() {
        return handle().requires_grad();
    }

    /** Starts (or ends) recording gradients for this leaf. Returns this. */
    public Tensor requiresGrad(boolean on) {
        handle().set_requires_grad(on);
        return this;
    }

    // ---- values out

    /** The value of a tensor of one element. */
    public double item() {
        try (Scalar scalar = handle().item()) {
            return scalar.toDouble();
        }
    }

    /** A copy of the elements, in row-major order, converted to float. */
    public float[] toFloats() {
        try (TensorScope inner = TensorScope.open()) {
            Tensor plain = detach().to(DType.FLOAT32).contiguous().fetched();
            float[] values = new float[Math.toIntExact(plain.numel())];
            plain.bytesBuffer().asFloatBuffer().get(values);
            return values;
        }
    }

    /** A copy of the elements, in row-major order, converted to long. */
    public long[] toLongs() {
        try (TensorScope inner = TensorScope.open()) {
            Tensor plain = detach().to(DType.INT64).contiguous().fetched();
            long[] values = new long[Math.toIntExact(plain.numel())];
            plain.bytesBuffer().asLongBuffer().get(values);
            return values;
        }
    }

    /** A copy of the elements as raw little-endian bytes, in row-major order. */
    public ByteBuffer toBytes() {
        try (TensorScope inner = TensorScope.open()) {
            Tensor plain = detach().contiguous().fetched();
            ByteBuffer copy =
                    ByteBuffer.allocateDirect(Math.toIntExact(plain.bytes)).order(ByteOrder.LITTLE_ENDIAN);
            copy.put(plain.bytesBuffer());
            return copy.flip();
        }
    }

    /**
     * Reads the elements of this contiguous tensor as raw little-endian bytes in row-major order; in the host's memory, in place.
     * The buffer must not be used after {@code reader} returns.
     */
    public void readBytes(Consumer<ByteBuffer> reader) {
        if (!handle().is_contiguous()) {
            throw new IllegalStateException("tensor " + name + " is not contiguous");
        }
        try (TensorScope inner = TensorScope.open()) {
            reader.accept(fetched().bytesBuffer().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
        }
    }

    /** The elements themselves, in the host's memory; valid only while this contiguous tensor lives. */
    private ByteBuffer bytesBuffer() {
        if (bytes == 0) {
            return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        try (Pointer data = handle().data_ptr();
                BytePointer address = new BytePointer(data)) {
            address.capacity(bytes);
            return address.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private void requireElements(int given) {
        if (given != numel()) {
            throw new IllegalArgumentException(
                    given + " values given for shape " + Arrays.toString(shape()) + " (" + numel() + ")");
        }
    }

    // ---- changing values in place

    /** Sets every element. Returns this. */
    public Tensor fill(double value) {
        try (Scalar scalar = new Scalar(value)) {
            handle().fill_(scalar);
        }
        return this;
    }

    /** Copies another tensor's elements into this one, converting the type; no gradient is recorded. Returns this. */
    public Tensor copyFrom(Tensor source) {
        try (NoGrad guard = NoGrad.on()) {
            handle().copy_(source.handle());
        }
        return this;
    }

    /** Draws every element from a normal distribution, from {@link RandomState}. Returns this. */
    public Tensor fillNormal(double mean, double standardDeviation) {
        try (NoGrad guard = NoGrad.on()) {
            handle().normal_(mean, standardDeviation, NO_GENERATOR);
        }
        return this;
    }

    /** Draws each element uniformly between two numbers, in place. Returns this. */
    public Tensor fillUniform(double low, double high) {
        try (NoGrad guard = NoGrad.on();
                GeneratorOptional common = new GeneratorOptional()) {
            handle().uniform_(low, high, common);
            return this;
        }
    }

    /** Sets each element to 1 with the given probability and to 0 otherwise, from {@link RandomState}. Returns this. */
    public Tensor fillBernoulli(double probability) {
        try (NoGrad guard = NoGrad.on()) {
            handle().bernoulli_(probability, NO_GENERATOR);
        }
        return this;
    }

    /** Puts the slices of {@code values} at the positions of an int64 vector along {@code dim}, in place. Returns this. */
    public Tensor indexCopyInPlace(long dim, Tensor index, Tensor values) {
        handle().index_copy_(dim, index.handle(), values.handle());
        return this;
    }

    /** Moves every element by {@code weight} of the way to another tensor's. Returns this. */
    public Tensor lerpInPlace(Tensor end, double weight) {
        try (NoGrad guard = NoGrad.on();
                Scalar scalar = new Scalar(weight)) {
            handle().lerp_(end.handle(), scalar);
        }
        return this;
    }

    /** Adds {@code factor} times another tensor. Returns this. */
    public Tensor addInPlace(Tensor other, double factor) {
        try (NoGrad guard = NoGrad.on();
                Scalar scalar = new Scalar(factor);
                org.bytedeco.pytorch.Tensor scaled = other.handle().mul(scalar)) {
            handle().add_(scaled);
        }
        return this;
    }

    /** Adds another tensor. Returns this. */
    public Tensor addInPlace(Tensor other) {
        try (NoGrad guard = NoGrad.on()) {
            handle().add_(other.handle());
        }
        return this;
    }

    /** Multiplies by another tensor. Returns this. */
    public Tensor mulInPlace(Tensor other) {
        try (NoGrad guard = NoGrad.on()) {
            handle().mul_(other.handle());
        }
        return this;
    }

    /** Multiplies every element. Returns this. */
    public Tensor mulInPlace(double factor) {
        try (NoGrad guard = NoGrad.on();
                Scalar scalar = new Scalar(factor)) {
            handle().mul_(scalar);
        }
        return this;
    }

    // ---- shape

    /** The same elements in another shape; one size may be −1. */
    public Tensor view(long... shape) {
        return wrap(handle().view(shape));
    }

    /** The same elements in another shape, copied if need be; one size may be −1. */
    public Tensor reshape(long... shape) {
        return wrap(handle().reshape(shape));
    }

    /** Swaps two dimensions. */
    public Tensor transpose(long dim0, long dim1) {
        return wrap(handle().transpose(dim0, dim1));
    }

    /** Reorders all dimensions. */
    public Tensor permute(long... dims) {
        return wrap(handle().permute(dims));
    }

    /** Every {@code step}-th slice along {@code dim} from the first; a view. */
    public Tensor every(long dim, long step) {
        if (step == 1) {
            return this;
        }
        try (LongOptional first = new LongOptional(0);
                LongOptional last = new LongOptional(size(dim))) {
            return wrap(torch.slice(handle(), dim, first, last, step));
        }
    }

    /** {@code length} slices along {@code dim} from {@code start}; a view. */
    public Tensor narrow(long dim, long start, long length) {
        return wrap(handle().narrow(dim, start, length));
    }

    /** One slice along {@code dim}, without that dimension; a view. */
    public Tensor select(long dim, long index) {
        return wrap(handle().select(dim, index));
    }

    /** Slices along {@code dim} at the positions of an int64 vector; a copy. */
    public Tensor indexSelect(long dim, Tensor index) {
        return wrap(handle().index_select(dim, index.handle()));
    }

    /** Itself if its elements lie in row-major order, otherwise a copy that does. */
    public Tensor contiguous() {
        return wrap(handle().contiguous());
    }

    /** The same elements without gradient history; a view. */
    public Tensor detach() {
        return wrap(handle().detach());
    }

    /** A copy. */
    public Tensor copy() {
        return wrap(handle().clone());
    }

    /** A copy without gradient history, in the host's memory. */
    public Tensor hostCopy() {
        try (NoGrad guard = NoGrad.on()) {
            return handle().is_cpu() ? wrap(handle().clone()) : wrap(handle().cpu());
        }
    }

    /** Converted to another element type, or itself if it has it. */
    public Tensor to(DType type) {
        return wrap(handle().to(type.nativeType()));
    }

    /** Reverses the order along some dimensions; a copy. */
    public Tensor flip(long... dims) {
        return wrap(torch.flip(handle(), dims));
    }

    /** A new dimension of size 1. */
    public Tensor unsqueeze(long dim) {
        return wrap(handle().unsqueeze(dim));
    }

    /** Repeats dimensions of size 1 without copying; −1 leaves a dimension as it is. */
    public Tensor expand(long... shape) {
        return wrap(handle().expand(shape));
    }

    /** An image batch (B, C, H, W) whose channels lie next to each other in memory: the layout that convolutions are fastest in. */
    public Tensor channelsLast() {
        if (size(1) == 1) {
            // One channel lies in both orders; only its strides can say which is meant.
            long height = size(2);
            long width = size(3);
            try (Tensor plain = contiguous().unscoped()) {
                long[] strides = {height * width, 1, width, 1};
                return wrap(torch.as_strided(plain.handle(), plain.shape(), strides));
            }
        }
        return wrap(handle().contiguous(torch.MemoryFormat.ChannelsLast));
    }

    /** This tensor with the slices of {@code values} at the positions of an int64 vector along {@code dim}; a copy. */
    public Tensor indexCopy(long dim, Tensor index, Tensor values) {
        return wrap(torch.index_copy(handle(), dim, index.handle(), values.handle()));
    }

    // ---- arithmetic

    /** Element-wise sum. */
    public Tensor add(Tensor other) {
        return wrap(handle().add(other.handle()));
    }

    /** Adds a number to each element. */
    public Tensor add(double value) {
        try (Scalar scalar = new Scalar(value)) {
            return wrap(handle().add(scalar));
        }
    }

    /** Element-wise difference. */
    public Tensor sub(Tensor other) {
        return wrap(handle().sub(other.handle()));
    }

    /** Element-wise product. */
    public Tensor mul(Tensor other) {
        return wrap(handle().mul(other.handle()));
    }

    /** Multiplies each element by a number. */
    public Tensor mul(double factor) {
        try (Scalar scalar = new Scalar(factor)) {
            return wrap(handle().mul(scalar));
        }
    }

    /** {@code this + x · weightᵀ} in one pass over the result: this and the result (…, out), x (…, in), weight (out, in). */
    public Tensor addProduct(Tensor x, Tensor weight) {
        long out = weight.size(0);
        try (Scalar one = new Scalar(1.0);
                org.bytedeco.pytorch.Tensor sum = handle().reshape(-1, out);
                org.bytedeco.pytorch.Tensor rows = x.handle().reshape(-1, weight.size(1));
                org.bytedeco.pytorch.Tensor turned = weight.handle().t();
                org.bytedeco.pytorch.Tensor result = torch.addmm(sum, rows, turned, one, one)) {
            return wrap(result.view(shape()));
        }
    }

    /** Matrix product over the last two dimensions. */
    public Tensor matmul(Tensor other) {
        return wrap(handle().matmul(other.handle()));
    }

    /** {@code scale · this + product · left · right}, matrix by matrix: (N, R, C) with (N, R, K) and (N, K, C). */
    public Tensor addProducts(double scale, Tensor left, Tensor right, double product) {
        try (Scalar beta = new Scalar(scale);
                Scalar alpha = new Scalar(product)) {
            return wrap(torch.baddbmm(handle(), left.handle(), right.handle(), beta, alpha));
        }
    }

    /** {@code x · weightᵀ}: shape (…, in) with weight (out, in) gives (…, out). */
    public Tensor linear(Tensor weight) {
        return wrap(torch.linear(handle(), weight.handle(), NO_TENSOR));
    }

    /** Writes {@code x · weightᵀ} to {@code result}, without gradients: shape (rows, in) with weight (out, in) and result (rows, out), all of one type. */
    public void linearInto(Tensor result, Tensor weight) {
        try (org.bytedeco.pytorch.Tensor turned = weight.handle().t()) {
            torch.mm_out(result.handle(), handle(), turned).close();
        }
    }

    /** {@code x · weightᵀ + bias}: shape (…, in) with weight (out, in) and bias (out) gives (…, out). */
    public Tensor linear(Tensor weight, Tensor bias) {
        try (TensorOptional optional = new TensorOptional(bias.handle())) {
            return wrap(torch.linear(handle(), weight.handle(), optional));
        }
    }

    /**
     * Two-dimensional convolution without bias: (batch, in, height, width) with weight (out, in, kernel, kernel) gives
     * (batch, out, height', width').
     */
    public Tensor conv2d(Tensor weight, long stride, long padding) {
        try (TensorOptional none = new TensorOptional()) {
            return wrap(torch.conv2d(
                    handle(),
                    weight.handle(),
                    none,
                    new long[] {stride, stride},
                    new long[] {padding, padding},
                    new long[] {1, 1},
                    1));
        }
    }

    /** Rows of this (rows, width) table at the positions of an int64 tensor (…): shape (…, width). */
    public Tensor embedding(Tensor index) {
        return wrap(torch.embedding(handle(), index.handle()));
    }

    /** Layer normalization over the last dimension (arXiv 1607.06450). */
    public Tensor layerNorm(Tensor weight, Tensor bias, double eps) {
        try (TensorOptional weightOptional = new TensorOptional(weight.handle());
                TensorOptional biasOptional = new TensorOptional(bias.handle())) {
            return wrap(torch.layer_norm(
                    handle(), new long[] {weight.handle().size(0)}, weightOptional, biasOptional, eps, true));
        }
    }

    /** Divides by the root of the mean square over the last dimension, and multiplies by {@code weight} (width); arXiv 1910.07467. */
    public Tensor rmsNorm(Tensor weight, double eps) {
        try (TensorOptional factor = new TensorOptional(weight.handle());
                DoubleOptional epsilon = new DoubleOptional(eps)) {
            return wrap(torch.rms_norm(handle(), new long[] {size(dim() - 1)}, factor, epsilon));
        }
    }

    /** Element-wise quotient. */
    public Tensor div(Tensor other) {
        return wrap(handle().div(other.handle()));
    }

    /** Element-wise square root. */
    public Tensor sqrt() {
        return wrap(handle().sqrt());
    }

    /** Each element held between two numbers. */
    public Tensor clamp(double low, double high) {
        try (Scalar lowest = new Scalar(low);
                Scalar highest = new Scalar(high)) {
            return wrap(torch.hardtanh(handle(), lowest, highest));
        }
    }

    /** Each element rounded down. */
    public Tensor floor() {
        return wrap(handle().floor());
    }

    /** Where each element is at least the other's: 1, elsewhere 0, in this tensor's element type. */
    public Tensor atLeast(Tensor other) {
        try (org.bytedeco.pytorch.Tensor truth = handle().ge(other.handle())) {
            return wrap(truth.to(handle().scalar_type()));
        }
    }

    /** The rectified linear unit: negative elements become 0. */
    public Tensor relu() {
        return wrap(torch.relu(handle()));
    }

    /** GELU (arXiv 1606.08415), exact, by the error function. */
    public Tensor gelu() {
        return wrap(torch.gelu(handle()));
    }

    /** Sigmoid linear unit of each element: x · σ(x) (arXiv 1702.03118). */
    public Tensor silu() {
        return wrap(torch.silu(handle()));
    }

    /** Hyperbolic tangent. */
    public Tensor tanh() {
        return wrap(handle().tanh());
    }

    /** Softmax along {@code dim}. */
    public Tensor softmax(long dim) {
        return wrap(handle().softmax(dim));
    }

    /** Logarithm of the softmax along {@code dim}. */
    public Tensor logSoftmax(long dim) {
        return wrap(torch.log_softmax(handle(), dim));
    }

    /**
     * Cross-entropy of logits (N, classes) against int64 labels (N), summed over N.
     *
     * @param labelSmoothing share of each target that is spread over all classes, in [0, 1)
     */
    public Tensor crossEntropySum(Tensor labels, double labelSmoothing) {
        long sum = torch.Reduction.Sum.value;
        return wrap(torch.cross_entropy_loss(handle(), labels.handle(), NO_TENSOR, sum, IGNORED_LABEL, labelSmoothing));
    }

    /** Cross-entropy of each row's label, nats: logits (N, C) and int64 labels (N) give (N). */
    public Tensor crossEntropyEach(Tensor labels) {
        long none = torch.Reduction.None.value;
        return wrap(torch.cross_entropy_loss(handle(), labels.handle(), NO_TENSOR, none, IGNORED_LABEL, 0));
    }

    /** Logarithm of the sum of exponentials along {@code dim}, which goes. */
    public Tensor logSumExp(long dim) {
        return wrap(torch.logsumexp(handle(), new long[] {dim}, false));
    }

    /** Cross-entropy of logits (N, classes) against distributions (N, classes), summed over N. */
    public Tensor crossEntropySum(Tensor distributions) {
        long sum = torch.Reduction.Sum.value;
        return wrap(torch.cross_entropy_loss(handle(), distributions.handle(), NO_TENSOR, sum, IGNORED_LABEL, 0));
    }

    /** From each row along {@code dim} the elements that int64 {@code index} names; its shape is the result's. */
    public Tensor gather(long dim, Tensor index) {
        return wrap(handle().gather(dim, index.handle()));
    }

    /** A copy in which, in each row along {@code dim}, the elements that int64 {@code index} names are those of {@code values}. */
    public Tensor scatter(long dim, Tensor index, Tensor values) {
        return wrap(handle().scatter(dim, index.handle(), values.handle()));
    }

    /**
     * The largest elements.
     *
     * @param values the elements, the largest first
     * @param places where they stand, int64
     */
    public record Largest(Tensor values, Tensor places) {}

    /** The {@code count} largest elements along the last dimension. */
    public Largest largest(long count) {
        try (T_TensorTensor_T found = handle().topk(count)) {
            return new Largest(
                    wrap(new org.bytedeco.pytorch.Tensor(found.get0())),
                    wrap(new org.bytedeco.pytorch.Tensor(found.get1())));
        }
    }

    /** The slices along a dimension, which goes; views. Gradients of all of them are put together in one pass. */
    public List<Tensor> unbind(long dim) {
        try (TensorVector slices = torch.unbind(handle(), dim)) {
            List<Tensor> each = new ArrayList<>();
            for (long i = 0; i < slices.size(); i++) {
                each.add(wrap(new org.bytedeco.pytorch.Tensor(slices.get(i))));
            }
            return each;
        }
    }

    /** Sum of all elements. */
    public Tensor sum() {
        return wrap(handle().sum());
    }

    /** Sum along one dimension, which goes. */
    public Tensor sum(long dim) {
        return wrap(handle().sum(dim));
    }

    /** Mean over some dimensions, which stay with size 1. */
    public Tensor meanKept(long... dims) {
        return wrap(handle().mean(dims, true, SAME_TYPE));
    }

    /** Mean over some dimensions, which go. */
    public Tensor mean(long... dims) {
        return wrap(handle().mean(dims, false, SAME_TYPE));
    }

    /** The largest element over some dimensions, which go. */
    public Tensor amax(long... dims) {
        return wrap(handle().amax(dims, false));
    }

    /** The smallest element over some dimensions, which go. */
    public Tensor amin(long... dims) {
        return wrap(handle().amin(dims, false));
    }

    /** Square root of the sum of the squares of each row of a matrix: (rows, columns) gives (rows). */
    public Tensor rowNorms() {
        try (Scalar two = new Scalar(2.0);
                ScalarTypeOptional same = new ScalarTypeOptional()) {
            return wrap(torch.linalg_vector_norm(handle(), two, new long[] {1}, false, same));
        }
    }

    /** Square root of the sum of the squares of all elements. */
    public Tensor norm() {
        return wrap(handle().norm());
    }

    /** Index of the largest element along one dimension, which goes; int64. */
    public Tensor argmax(long dim) {
        try (LongOptional optional = new LongOptional(dim)) {
            return wrap(handle().argmax(optional, false));
        }
    }

    // ---- gradients

    /** Adds to the gradients of all leaves that this one-element tensor was computed from. */
    public void backward() {
        handle().backward();
    }

    /** As {@link #backward()}, from this tensor of any shape with the gradient {@code upstream} of its shape. */
    public void backward(Tensor upstream) {
        try (BoolOptional none = new BoolOptional();
                TensorArrayRefOptional all = new TensorArrayRefOptional()) {
            handle().backward(upstream.handle(), none, false, all);
        }
    }

    /** The gradient, or null if there is none yet. Shares the gradient's memory. */
    public @Nullable Tensor grad() {
        org.bytedeco.pytorch.Tensor gradient = handle().grad();
        if (!gradient.defined()) {
            gradient.close();
            return null;
        }
        // What the binding gives is a reference into this tensor, which dangles when this tensor is freed.
        return wrap(new org.bytedeco.pytorch.Tensor(gradient));
    }

    /** Takes another tensor's values, of the same shape and type, for its gradient. */
    public void takeGrad(Tensor gradient) {
        handle().mutable_grad().put(gradient.handle());
    }

    /** Forgets the gradient and frees its memory. */
    public void clearGrad() {
        handle().mutable_grad().reset();
    }

    // ---- life

    void enterScope(TensorScope newScope, int newSlot) {
        this.scope = newScope;
        this.slot = newSlot;
    }

    boolean isIn(TensorScope other) {
        return scope == other;
    }

    void leaveScope() {
        if (scope != null) {
            scope.forget(slot);
            scope = null;
        }
    }

    /** Takes the tensor out of all scopes: it lives until it is closed. Returns this. */
    public Tensor unscoped() {
        leaveScope();
        return this;
    }

    void free() {
        if (!freed) {
            freed = true;
            LiveTensors.died(bytes);
            handle.close();
        }
    }

    /** Frees the tensor now. Closing twice does nothing. */
    @Override
    public void close() {
        leaveScope();
        free();
    }

    /** Name, element type and shape; no values. */
    @Override
    public String toString() {
        String what = freed ? "freed" : dtype().name().toLowerCase(Locale.ROOT) + Arrays.toString(shape());
        return Objects.requireNonNullElse(name, "") + (name.isEmpty() ? "" : " ") + what;
    }

    private static final long IGNORED_LABEL = -100;
    private static final TensorOptional NO_TENSOR;
    private static final org.bytedeco.pytorch.GeneratorOptional NO_GENERATOR;
    static final ScalarTypeOptional SAME_TYPE;

    static {
        // Before any other class of the binding: where it is still being loaded on another thread, this one waits here.
        LibTorch.load();
        NO_TENSOR = new TensorOptional();
        NO_GENERATOR = new org.bytedeco.pytorch.GeneratorOptional();
        SAME_TYPE = new ScalarTypeOptional();
    }
}
