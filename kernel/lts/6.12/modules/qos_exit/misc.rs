// SPDX-License-Identifier: GPL-2.0

//! A misc device to which programs write. The kernel crate has no abstraction of one.

use kernel::{
    bindings, container_of,
    error::{from_result, to_result},
    ffi::{c_char, c_int},
    init::pin_init_from_closure,
    prelude::*,
    types::Opaque,
    uaccess::{UserPtr, UserSlice, UserSliceReader},
};

/// What takes that which programs write.
pub(crate) trait Sink: Send + Sync {
    /// A program opens the device.
    ///
    /// # Errors
    ///
    /// What `open` fails with.
    fn open(&self) -> Result;

    /// The last copy of an open file is closed.
    fn release(&self);

    /// Takes the whole of one `write`.
    ///
    /// # Errors
    ///
    /// What `write` fails with.
    fn write(&self, from: UserSliceReader) -> Result;
}

/// A misc device, there until it is dropped. Only root can open it; it cannot be read, and has no
/// positions.
///
/// # Invariants
///
/// `device` is registered, with `operations` of the same value.
#[pin_data(PinnedDrop)]
pub(crate) struct MiscDevice<T: Sink> {
    operations: bindings::file_operations,
    #[pin]
    sink: T,
    #[pin]
    device: Opaque<bindings::miscdevice>,
}

// SAFETY: A registered device belongs to no thread, and the sink can be sent.
unsafe impl<T: Sink> Send for MiscDevice<T> {}
// SAFETY: Through a reference nothing can be done with the device, and the sink can be shared.
unsafe impl<T: Sink> Sync for MiscDevice<T> {}

impl<T: Sink> MiscDevice<T> {
    /// Registers `/dev/NAME`; what is written to it goes to `sink`.
    ///
    /// # Errors
    ///
    /// Those of `misc_register`.
    pub(crate) fn register(
        module: &'static ThisModule,
        name: &'static CStr,
        sink: impl PinInit<T, Error>,
    ) -> impl PinInit<Self, Error> {
        // INVARIANT: The device, which comes last, is registered with the operations before it.
        try_pin_init!(&this in Self {
            operations: bindings::file_operations {
                owner: module.as_ptr(),
                open: Some(Self::open),
                release: Some(Self::release),
                write: Some(Self::write),
                ..Default::default()
            },
            sink <- sink,
            device <- {
                // SAFETY: `this` is where the value is being made.
                let operations = unsafe { &raw const (*this.as_ptr()).operations };
                let register = move |slot: *mut Opaque<bindings::miscdevice>| {
                    let device = Opaque::raw_get(slot);
                    // SAFETY: `slot` can be written to.
                    unsafe {
                        device.write(bindings::miscdevice {
                            minor: bindings::MISC_DYNAMIC_MINOR as c_int,
                            name: name.as_char_ptr(),
                            fops: operations,
                            ..Default::default()
                        });
                    }
                    // SAFETY: The device was written just now. It and its operations are pinned, and
                    // `PinnedDrop` deregisters it before they go; the name is static.
                    to_result(unsafe { bindings::misc_register(device) })
                };
                // SAFETY: The closure initialises all of `slot`, or leaves nothing that has to be dropped.
                unsafe { pin_init_from_closure(register) }
            },
        })
    }

    /// The device of a file.
    ///
    /// # Safety
    ///
    /// `file` is a file of a registered device of this type, open or being opened.
    unsafe fn of<'a>(file: *mut bindings::file) -> &'a Self {
        // SAFETY: `misc_open` has put the address of the device's `miscdevice` into the file.
        let registered = unsafe { (*file).private_data.cast::<bindings::miscdevice>() };
        // SAFETY: It is in a `Self`, which a file keeps in existence, as it holds the module.
        unsafe { &*container_of!(registered, Self, device) }
    }

    /// `open` of the device.
    ///
    /// # Safety
    ///
    /// `file` is a file of a registered device of this type, being opened.
    unsafe extern "C" fn open(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: The caller's contract.
        let device = unsafe { Self::of(file) };
        from_result(|| device.sink.open().map(|()| 0))
    }

    /// `release` of an open file.
    ///
    /// # Safety
    ///
    /// `file` is an open file of a registered device of this type.
    unsafe extern "C" fn release(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: The caller's contract.
        unsafe { Self::of(file) }.sink.release();
        0
    }

    /// `write` of an open file.
    ///
    /// # Safety
    ///
    /// `file` is an open file of a registered device of this type.
    unsafe extern "C" fn write(
        file: *mut bindings::file,
        buffer: *const c_char,
        length: usize,
        _position: *mut bindings::loff_t,
    ) -> isize {
        // SAFETY: The caller's contract.
        let device = unsafe { Self::of(file) };
        let from = UserSlice::new(buffer as UserPtr, length).reader();
        from_result(|| device.sink.write(from).map(|()| length as isize))
    }
}

#[pinned_drop]
impl<T: Sink> PinnedDrop for MiscDevice<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: It is registered, by the type invariant, and only here it is deregistered.
        unsafe { bindings::misc_deregister(self.device.get()) };
    }
}
